// What of a model's answer becomes a move of the agent. Whatever a model writes, only this can come out: keys
// of a telephone, a tool that may be used with arguments that are an object, and hanging up (control C12 of
// docs/security.md).
#pragma once

#include <span>

#include "dialogue/chat_stream.hpp"
#include "dialogue/tool_names.hpp"

namespace trunkline::dialogue {

// The first call that makes sense decides; the others are ignored. Unknown tools, broken or too large
// arguments make no sense. The reply has no words yet.
Reply moves_of(std::span<const ModelCall> calls, const ToolNames& names);

}  // namespace trunkline::dialogue
