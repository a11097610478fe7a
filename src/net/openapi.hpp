// The OpenAPI 3.1 document, printed from the route table that the server runs by.
#pragma once

#include "base/json/value.hpp"
#include "net/router.hpp"

namespace trunkline::net {

// `server_url` is where clients reach this server; "" leaves it out.
json::Value open_api(const Router& router, std::string_view version, std::string_view server_url);

}  // namespace trunkline::net
