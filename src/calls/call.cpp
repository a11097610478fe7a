#include "calls/call.hpp"

namespace trunkline::calls {

std::string_view to_text(EntryKind kind) {
  switch (kind) {
    case EntryKind::agent:
      return "agent";
    case EntryKind::user:
      return "user";
    case EntryKind::keys:
      return "keys";
    case EntryKind::silence:
      return "silence";
    case EntryKind::tool:
      return "tool";
  }
  return "";
}

std::optional<EntryKind> parse_entry_kind(std::string_view text) {
  for (const auto kind :
       {EntryKind::agent, EntryKind::user, EntryKind::keys, EntryKind::silence, EntryKind::tool}) {
    if (to_text(kind) == text) return kind;
  }
  return std::nullopt;
}

}  // namespace trunkline::calls
