#include "doors/console/door.hpp"

#include "base/json/parse.hpp"
#include "base/json/shape.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::doors::console {
namespace {

inline constexpr ErrorCode too_many_log_ins{"too_many_log_ins", ErrorKind::rate_limited};

constexpr std::size_t rate_keys_max = 100'000;

struct LogIn {
  std::string email;
  std::string password;
};

const json::Shape<LogIn>& log_in_shape() {
  static const json::Shape<LogIn> shape(
      "LogIn", "Who wants in.",
      {json::required("email", &LogIn::email, "E-mail address.", json::text(1, 254)),
       json::required("password", &LogIn::password, "Password.", json::text(1, 1024))},
      json::UnknownMembers::refused);
  return shape;
}

}  // namespace

// Control C10: 20 a minute from an address, 5 a minute for an e-mail.
Door::Door(Context context)
    : context_(context), per_address_(20, 20 / 60.0, rate_keys_max), per_email_(5, 5 / 60.0, rate_keys_max) {}

void Door::add_to(net::Router& router) {
  router.add(net::Door{.name = "console",
                       .prefix = prefix,
                       .description = "For the web console and people at a terminal.",
                       .render_error = [](const Error& error, const net::Request& request) {
                         return net::problem_response(error, request.id);
                       }});
  router.add(net::Route{.method = net::Method::post,
                        .path = "/api/console/v1/sessions",
                        .door = "console",
                        .operation = "logIn",
                        .summary = "Logs in: an e-mail address and a password for a token of 24 hours.",
                        .request_schema = [] { return log_in_shape().open_api(); },
                        .responses = {{201, "token, expires_at, user_id, account_id.", {}},
                                      {401, "The e-mail address or the password is wrong.", {}},
                                      {429, "Too many tries; Retry-After says how long to wait.", {}}},
                        .handler =
                            [this](net::Request& request) {
                              Result<net::Response> response = log_in(request);
                              return response ? std::move(*response)
                                              : net::problem_response(response.error(), request.id);
                            }});
}

Result<net::Response> Door::log_in(net::Request& request) {
  const Result<json::Value> body = json::parse(request.body);
  if (!body) return fail(body.error());
  const Result<LogIn> wanted = log_in_shape().read(*body);
  if (!wanted) return fail(wanted.error());
  const Instant now = context_.clock.now();
  for (const auto& verdict :
       {per_address_.take(request.remote_address, now), per_email_.take(ascii_lower(wanted->email), now)}) {
    if (!verdict.admitted)
      return fail(Error(too_many_log_ins, "Too many tries to log in; wait a little.").after(verdict.wait));
  }
  const auto session = context_.users.log_in(wanted->email, Secret(wanted->password));
  if (!session) return fail(session.error());
  const auto user = context_.users.find_by_email(wanted->email);
  if (!user) return fail(user.error());
  std::string text;
  json::Writer(text)
      .begin_object()
      .member("token", session->text.reveal())
      .member("expires_at", *session->credential.expires_at)
      .member("user_id", user->id.text())
      .member("account_id", user->account.text())
      .end_object();
  return net::json_response(201, std::move(text));
}

}  // namespace trunkline::doors::console
