// What is done on demand only (rows marked T in contracts/warehouse.md, section 11), and what Zadarma does
// not have at all.
#pragma once

#include "warehouse/provider.hpp"

namespace trunkline::warehouse::zadarma {

// How a command becomes a request.
struct CommandRequest {
  std::string_view name;
  net::Method method = net::Method::get;
  std::string_view path;  // {argument} is filled in
};

std::vector<OnDemandCommand> all_commands();
// Nothing when there is no such command at the provider.
const CommandRequest* request_of(std::string_view command);

}  // namespace trunkline::warehouse::zadarma
