#include "base/json/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json/number.hpp"

namespace trunkline::json {
namespace {

// Up to here, comparing every pair is fastest.
constexpr std::size_t few_members = 16;
// Up to here, a table on the stack is faster than sorting.
constexpr std::size_t table_members = 128;

std::vector<const Member*> sorted_by_key(const std::vector<Member>& members) {
  std::vector<const Member*> sorted;
  sorted.reserve(members.size());
  for (const Member& member : members) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, [](const Member* member) -> std::string_view { return member->key; });
  return sorted;
}

const std::string* repeated_key_by_table(const std::vector<Member>& members) {
  std::array<std::uint8_t, 2 * table_members> places{};  // 1 + which member; 0 for none
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string& key = members[i].key;
    std::size_t at = std::hash<std::string_view>()(key) % places.size();
    for (; places[at] != 0; at = (at + 1) % places.size()) {
      if (members[places[at] - 1U].key == key) return &key;
    }
    places[at] = static_cast<std::uint8_t>(i + 1);
  }
  return nullptr;
}

const std::string* repeated_key(const std::vector<Member>& members) {
  if (members.size() <= few_members) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (members[i].key == members[k].key) return &members[i].key;
      }
    }
    return nullptr;
  }
  if (members.size() <= table_members) return repeated_key_by_table(members);
  const auto sorted = sorted_by_key(members);
  const auto found = std::ranges::adjacent_find(
      sorted, [](const Member* left, const Member* right) { return left->key == right->key; });
  return found == sorted.end() ? nullptr : &(*found)->key;
}

}  // namespace

Object::Object(std::initializer_list<NewMember> members) {
  members_.reserve(members.size());
  for (const NewMember& each : members) {
    Member member = each.take();
    set(std::move(member.key), std::move(member.value));
  }
}

std::expected<Object, std::string> Object::of(std::vector<Member> members) {
  if (const std::string* key = repeated_key(members)) return std::unexpected(*key);
  Object object;
  object.members_ = std::move(members);
  return object;
}

const Value* Object::find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value* Object::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Object::set(std::string key, Value value) {
  if (Value* present = find(key)) return *present = std::move(value);
  return members_.emplace_back(std::move(key), std::move(value)).value;
}

bool Object::remove(std::string_view key) {
  return std::erase_if(members_, [key](const Member& member) { return member.key == key; }) > 0;
}

bool operator==(const Object& left, const Object& right) {
  if (left.size() != right.size()) return false;
  if (std::ranges::equal(left.members_, right.members_, {}, &Member::key, &Member::key)) {
    return left.members_ == right.members_;
  }
  return std::ranges::equal(sorted_by_key(left.members_), sorted_by_key(right.members_),
                            [](const Member* one, const Member* other) { return *one == *other; });
}

Value::Value(double number) {
  if (std::isfinite(number)) held_ = NumberText{python_text(number)};
}

std::optional<Value> Value::number(std::string_view text) {
  const NumberForm form = number_form(text);
  if (form == NumberForm::none) return std::nullopt;
  if (form == NumberForm::integer) {
    std::int64_t integer = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (end.ec == std::errc()) return Value(integer);
    return Value(NumberText{std::string(text)});
  }
  // Without an exponent a text must be longer than this to leave a double's range.
  const bool far = text.size() > 300 || text.find_first_of("eE") != std::string_view::npos;
  if (far && !to_double(text)) return std::nullopt;
  return Value(NumberText{std::string(text)});
}

Kind Value::kind() const {
  static constexpr Kind kinds[] = {Kind::null, Kind::boolean, Kind::number, Kind::number,
                                   Kind::text, Kind::array,   Kind::object};
  return kinds[held_.index()];
}

std::optional<bool> Value::as_bool() const {
  const bool* truth = std::get_if<bool>(&held_);
  return truth == nullptr ? std::nullopt : std::optional(*truth);
}

std::optional<std::int64_t> Value::as_integer() const {
  const std::int64_t* integer = std::get_if<std::int64_t>(&held_);
  return integer == nullptr ? std::nullopt : std::optional(*integer);
}

std::optional<double> Value::as_double() const {
  if (const auto* integer = std::get_if<std::int64_t>(&held_)) return static_cast<double>(*integer);
  const auto* number = std::get_if<NumberText>(&held_);
  return number == nullptr ? std::nullopt : to_double(number->text);
}

std::optional<std::string> Value::number_text() const {
  if (const auto* integer = std::get_if<std::int64_t>(&held_)) return std::to_string(*integer);
  const auto* number = std::get_if<NumberText>(&held_);
  return number == nullptr ? std::nullopt : std::optional(number->text);
}

const Value* Value::find(std::string_view key) const {
  const Object* members = as_object();
  return members == nullptr ? nullptr : members->find(key);
}

}  // namespace trunkline::json
