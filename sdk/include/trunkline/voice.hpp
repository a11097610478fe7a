/// \file
/// The voice API: everything of trunkline::voice.
#pragma once

#include "trunkline/voice/client.hpp"
#include "trunkline/voice/events.hpp"
#include "trunkline/voice/partner_client.hpp"
#include "trunkline/voice/scoped_call.hpp"
#include "trunkline/voice/tool_router.hpp"
