#include "base/json/value_testing.hpp"

#include <cmath>
#include <cstring>

#include "base/json/number.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

std::string digits(int most) {
  const auto drawn = *rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1));
  return drawn.substr(0, static_cast<std::size_t>(most));
}

std::string whole_number() {
  std::string text = digits(30);
  text.erase(0, text.find_first_not_of('0'));
  if (text.empty()) text = "0";
  return (*rc::gen::arbitrary<bool>() ? "-" : "") + text;
}

double any_double() {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return std::isfinite(number) ? number : 0.1;
}

Value value_at(int depth) {
  const int kind = *rc::gen::inRange(0, depth == 0 ? 6 : 10);
  if (kind == 0) return nullptr;
  if (kind == 1) return *rc::gen::arbitrary<bool>();
  if (kind == 2) return *rc::gen::arbitrary<std::int64_t>();
  if (kind == 3) return *Value::number(*number_texts());
  if (kind <= 5) return *texts();
  const int size = *rc::gen::inRange(0, 5);
  Array items;
  Object members;
  for (int i = 0; i < size; ++i) {
    if (kind <= 7) {
      items.push_back(value_at(depth - 1));
    } else {
      members.set(*texts(), value_at(depth - 1));
    }
  }
  if (kind <= 7) return items;
  return members;
}

}  // namespace

rc::Gen<Value> values() {
  return rc::gen::exec([] { return value_at(4); });
}

rc::Gen<std::string> texts() {
  static const std::vector<std::string> pieces = {"a",       "Z",
                                                  "0",       "1",
                                                  "10",      "4294967294",
                                                  "-1",      "01",
                                                  "\"",      "\\",
                                                  "/",       "\b",
                                                  "\f",      "\n",
                                                  "\r",      "\t",
                                                  "\x01",    "\x1f",
                                                  "\x7f",    "\u0080",
                                                  "é",       "\u2028",
                                                  "\ud7ff",  "\ue000",
                                                  "\uffff",  "\U00010000",
                                                  "👍",      "\U0010ffff",
                                                  "<",       "&",
                                                  "\\u0041", "{",
                                                  "]",       "a longer piece of text"};
  return rc::gen::exec([] {
    std::string text;
    const int size = *rc::gen::inRange(0, 5);
    for (int i = 0; i < size; ++i) text += *rc::gen::elementOf(pieces);
    return text;
  });
}

rc::Gen<std::string> number_texts() {
  return rc::gen::exec([] {
    std::string text = whole_number();
    const int form = *rc::gen::inRange(0, 5);
    if (form == 0) return text;
    if (form == 1) return python_text(any_double());
    if (form <= 3) text += "." + digits(20) + "5";
    if (form >= 3) {
      text += *rc::gen::elementOf(std::vector<std::string>{"e", "E", "e+", "e-", "E-0"});
      text += std::to_string(*rc::gen::inRange(0, 260));
    }
    return text;
  });
}

std::ostream& operator<<(std::ostream& out, const Value& value) {
  return out << write(value);
}

}  // namespace trunkline::json
