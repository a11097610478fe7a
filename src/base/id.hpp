// Typed ids: a UUID that knows what it names, so that a call's id cannot be passed where an account's is
// wanted. The prefix is the public rendering that doors and commands show ("call_…").
#pragma once

#include "base/uuid.hpp"

namespace trunkline {

template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Uuid value) : value_(value) {}

  constexpr const Uuid& uuid() const { return value_; }
  constexpr bool is_nil() const { return value_.is_nil(); }
  std::string text() const { return with_prefix(Tag::prefix, value_); }

  // Takes the public rendering or a plain UUID; nothing for anything else.
  static std::optional<Id> parse(std::string_view text) {
    const auto value = parse_with_prefix(Tag::prefix, text);
    if (!value) return std::nullopt;
    return Id(*value);
  }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  Uuid value_;
};

struct AccountTag {
  static constexpr std::string_view prefix = "prt_";  // the voice API calls an account a partner
};
struct ProjectTag {
  static constexpr std::string_view prefix = "prj_";
};
struct CallTag {
  static constexpr std::string_view prefix = "call_";
};

using AccountId = Id<AccountTag>;
using ProjectId = Id<ProjectTag>;
using CallId = Id<CallTag>;

}  // namespace trunkline

template <class Tag>
struct std::hash<trunkline::Id<Tag>> {
  std::size_t operator()(const trunkline::Id<Tag>& id) const noexcept {
    return std::hash<trunkline::Uuid>()(id.uuid());
  }
};
