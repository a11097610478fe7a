// The first minute with Trunkline: an account, a key, a log-in, and a call that shows what there is to see.
#pragma once

#include "app/receiver.hpp"
#include "app/server.hpp"

namespace trunkline::app {

class Demo {
 public:
  // Prepares the demo account beside the running server and places its first call; prints by `print`.
  // Suspends until that call has ended.
  static Result<std::unique_ptr<Demo>> run(Installation& installation, Server& server,
                                           const std::function<void(std::string_view)>& print);

  // What a person needs to go on.
  struct Access {
    AccountId account;
    std::string api_key;
    std::string email;
    std::string password;
  };
  const Access& access() const { return access_; }

 private:
  Demo() = default;
  Result<void> prepare(Installation& installation, Domain& domain);
  Result<void> place_first_call(Domain& domain, const std::function<void(std::string_view)>& print);

  Access access_;
  std::unique_ptr<Receiver> receiver_;
};

}  // namespace trunkline::app
