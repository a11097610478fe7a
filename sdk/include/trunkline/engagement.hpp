/// \file
/// The engagement API: everything of trunkline::engagement.
#pragma once

#include "trunkline/engagement/client.hpp"
