// A customer's server in miniature, on loopback: takes events and tool calls, checks their signatures,
// remembers the events. For the demo and the simulator.
#pragma once

#include <map>

#include "app/installation.hpp"
#include "net/server.hpp"

namespace trunkline::app {

struct ReceivedEvent {
  std::string name;
  std::string body;
  bool signature_right = false;
};

class Receiver {
 public:
  // What a tool answers to its arguments: the body of the reply.
  using Tool = std::function<std::string(const json::Value& arguments)>;

  Receiver(Installation& installation, std::string secret, std::map<std::string, Tool> tools);
  Result<void> start();

  std::string events_url() const;
  std::string tools_url() const;
  const std::vector<ReceivedEvent>& events() const { return events_; }
  const std::vector<std::string>& tools_called() const { return tools_called_; }

 private:
  net::Response take_event(const net::Request& request);
  net::Response run_tool(const net::Request& request);
  bool signature_right(const net::Request& request) const;

  std::string secret_;
  std::map<std::string, Tool> tools_;
  net::Router router_;
  net::Server server_;
  std::vector<ReceivedEvent> events_;
  std::vector<std::string> tools_called_;
};

}  // namespace trunkline::app
