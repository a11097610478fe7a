// A query of the provider: parameters with brackets (contracts/telnyx.md, sections 2 and 6).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "net/message.hpp"

namespace trunkline::fakes::telnyx {

class Query {
 public:
  explicit Query(const net::Request& request);

  std::string text(const std::string& name) const;  // "" when absent
  std::int64_t number(const std::string& name, std::int64_t otherwise) const;
  bool is_repeated(const std::string& name) const;
  // [from, to) that filter[field][gte|gt|lt|lte] and filter[date_range] say.
  std::pair<Instant, Instant> window(const std::string& field, Instant now) const;

  // filter[field] and filter[field][starts_with|ends_with|contains] on the value.
  bool matches(const std::string& field, const std::string& value) const;
  // The fields that are filtered by.
  std::vector<std::string> filtered_fields() const;

 private:
  std::multimap<std::string, std::string> parameters_;
};

}  // namespace trunkline::fakes::telnyx
