#include "net/connection.hpp"

#include <atomic>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/gzip.hpp"
#include "net/websocket_upgrade.hpp"

namespace trunkline::net {
namespace {

// After a refused request the rest of it is read and thrown away for this long, so that the refusal is not
// lost to a reset.
constexpr Duration lingering = seconds(2);

bool is_sane_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Connection::Connection(std::shared_ptr<Server::State> server, std::unique_ptr<Transport> transport)
    : server_(std::move(server)),
      transport_(std::move(transport)),
      address_(transport_->remote_address()),
      number_(next_number()) {
  enter(Phase::handshake);
}

Connection::~Connection() {
  server_->forget(*this);
}

void Connection::enter(Phase phase) {
  if (phase_ == Phase::closed) return;
  phase_ = phase;
  phase_since_ = std::chrono::steady_clock::now();
}

void Connection::start() {
  transport_->start([self = shared_from_this()](boost::system::error_code error) {
    if (error) return self->close();
    self->enter(Phase::idle);
    self->read();
  });
}

void Connection::check_deadline(runtime::SteadyTime now) {
  const auto stood = std::chrono::duration_cast<Duration>(now - phase_since_);
  switch (phase_) {
    case Phase::handshake:
    case Phase::header:
      if (stood > limits::header_deadline) close();
      break;
    case Phase::idle:
      if (stood > (server_->draining ? seconds(1) : limits::idle)) close();
      break;
    case Phase::body: {
      const std::size_t wanted = limits::body_bytes_per_second * static_cast<std::size_t>(stood / seconds(1));
      if (stood > limits::header_deadline && body_bytes_seen_ < wanted) close();
      break;
    }
    case Phase::writing:
      if (stood > limits::write_stall) close();
      break;
    case Phase::lingering:
      if (stood > lingering) close();
      break;
    case Phase::running:
    case Phase::streaming:
    case Phase::closed:
      break;
  }
}

void Connection::close_when_idle() {
  keep_alive_ = false;
  if (phase_ == Phase::streaming) close();
}

void Connection::read() {
  if (phase_ == Phase::closed) return;
  transport_->read([self = shared_from_this()](boost::system::error_code error, std::string_view bytes) {
    if (error) return self->close();
    self->received(bytes);
  });
}

void Connection::received(std::string_view bytes) {
  if (phase_ == Phase::lingering) return read();
  if (pending_.empty()) return parse(bytes);
  std::string all = std::move(pending_);
  pending_.clear();
  all += bytes;
  parse(all);
}

void Connection::parse(std::string_view bytes) {
  if (!parser_) {
    parser_.emplace([this](Request& request) { return body_limit(request); });
    enter(Phase::header);
    continue_sent_ = false;
    body_bytes_seen_ = 0;
  }
  const Result<std::size_t> eaten = parser_->feed(bytes);
  if (!eaten) return refuse(eaten.error());
  bytes.remove_prefix(*eaten);
  if (parser_->header_done()) body_bytes_seen_ += *eaten;
  pending_.assign(bytes);
  if (parser_->complete()) return dispatch();
  if (parser_->header_done() && phase_ == Phase::header) enter(Phase::body);
  if (parser_->header_done() && parser_->wants_continue() && !std::exchange(continue_sent_, true)) {
    transport_->write_now("HTTP/1.1 100 Continue\r\n\r\n");
  }
  read();
}

std::size_t Connection::body_limit(Request& request) {
  route_ = server_->context.router.match(request);
  return route_ == nullptr ? limits::body_bytes : route_->body_bytes_max;
}

// The request cannot be understood, so neither can what follows it: answer, then close.
void Connection::refuse(const Error& error) {
  Request& request = parser_->request();
  identify(request);
  Response response = server_->context.router.render_error(error, request);
  if (error.code() == error_codes::header_too_large) response.status = 431;
  if (error.code() == error_codes::target_too_long) response.status = 414;
  if (error.code() == error_codes::method_unknown) response.status = 501;
  keep_alive_ = false;
  allow_origin(request, response);
  server_->observe(nullptr, request, response, std::chrono::steady_clock::now());
  enter(Phase::lingering);
  output_ = head(request, response, response.body.size(), false) + response.body;
  transport_->write(output_, [self = shared_from_this()](boost::system::error_code problem) {
    if (problem) return self->close();
    self->transport_->finish_writing();
    self->read();
  });
}

void Connection::dispatch() {
  enter(Phase::running);
  started_ = phase_since_;
  const Priority priority = route_ == nullptr ? Priority::normal : route_->priority;
  runtime::Task begin = [self = shared_from_this()] {
    self->server_->context.loop.start("request", [self] { self->run(); });
  };
  switch (server_->admission.ask(priority, parser_->request().body.size(), started_, begin)) {
    case Admission::Verdict::begins:
      return begin();
    case Admission::Verdict::waits:
      server_->waiting_requests.add(1);
      return server_->begin_waiting();
    case Admission::Verdict::refused:
      return refuse_for_now();
  }
}

void Connection::refuse_for_now() {
  server_->shed_requests.increment();
  Request& request = parser_->request();
  identify(request);
  const Error overloaded =
      Error(trunkline::error_codes::unavailable, "The server has more to do than it can; try again shortly.")
          .after(seconds(1));
  write_response(server_->context.router.render_error(overloaded, request));
}

void Connection::run() {
  Request& request = parser_->request();
  identify(request);
  Response response = respond(request);
  server_->leave();  // a stream may last for hours
  if (response.web_socket) {
    run_web_socket(response);
  } else if (response.stream) {
    run_stream(response);
  } else {
    compress(request, response);
    write_response(std::move(response));
  }
}

Response Connection::respond(Request& request) {
  // The time in line counts.
  const Duration deadline = route_ == nullptr ? limits::request_deadline : route_->deadline;
  const runtime::DeadlineScope scope(runtime::time_left(started_ + deadline));
  if (route_ == nullptr) return answer_without_route(request);
  try {
    return route_->handler(request);
  } catch (const std::exception& defect) {
    log::error("a request failed by a defect",
               {{"operation", route_->operation}, {"request_id", request.id}, {"what", defect.what()}});
    return server_->context.router.render_error(
        Error(trunkline::error_codes::internal,
              "Something went wrong on our side; the request id helps to find it."),
        request);
  }
}

Response Connection::answer_without_route(const Request& request) const {
  const Router& router = server_->context.router;
  if (request.method == Method::options && request.headers.has_field("Origin")) return preflight(request);
  const auto allowed = router.allowed_methods(request.path());
  if (allowed.empty()) {
    return router.render_error(Error(error_codes::unknown_path, "There is nothing at this path."), request);
  }
  Response response = router.render_error(
      Error(error_codes::method_not_allowed, fmt::format("This path takes {} only.", join(allowed, ", "))),
      request);
  response.status = 405;
  response.headers.set("Allow", join(allowed, ", "));
  return response;
}

// A browser asks before it sends the real request; that needs no key (contracts/voice-api.md, section 11).
Response Connection::preflight(const Request&) const {
  Response response;
  response.status = 204;
  response.headers.add("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  response.headers.add("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, X-Request-Id, Last-Event-ID");
  response.headers.add("Access-Control-Max-Age", "600");
  return response;
}

void Connection::identify(Request& request) const {
  request.received_at = server_->context.clock.now();
  request.remote_address = address_;
  request.connection = number_;
  if (server_->options.trust_forwarded_for) {
    if (const auto forwarded = request.headers.find("X-Forwarded-For")) {
      request.remote_address = trim(forwarded->substr(forwarded->rfind(',') + 1));
    }
  }
  if (const auto given = request.headers.find("X-Request-Id"); given && is_sane_request_id(*given)) {
    request.id = *given;
  } else {
    request.id = server_->next_request_id();
  }
}

// What a browser's page of another origin may read.
void Connection::allow_origin(const Request& request, Response& response) const {
  const auto& origins = server_->options.cors_origins;
  if (origins.empty()) return;
  const auto origin = request.headers.find("Origin");
  if (!origin) return;
  const bool any = std::ranges::find(origins, "*") != origins.end();
  if (!any && std::ranges::find(origins, *origin) == origins.end()) return;
  response.headers.add("Access-Control-Allow-Origin", any ? "*" : std::string(*origin));
  response.headers.add("Access-Control-Expose-Headers",
                       "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed");
  if (!any) response.headers.add("Vary", "Origin");
}

void Connection::compress(const Request& request, Response& response) {
  if (response.body.size() < limits::gzip_from_bytes || response.headers.has("Content-Encoding")) return;
  const auto accepted = request.headers.find("Accept-Encoding");
  if (!accepted || accepted->find("gzip") == std::string_view::npos) return;
  Result<std::string> compressed = server_->context.pool.run([&] { return gzip(response.body); });
  if (!compressed) return;  // the pool is full: uncompressed is right too
  response.body = std::move(*compressed);
  response.headers.add("Content-Encoding", "gzip");
  response.headers.add("Vary", "Accept-Encoding");
}

std::string Connection::head(const Request& request, const Response& response,
                             std::optional<std::size_t> content_length, bool keep_alive) const {
  std::string text;
  text.reserve(512 + response.body.size());
  const fmt::format_int status(response.status);
  text.append("HTTP/1.1 ")
      .append(status.data(), status.size())
      .append(" ")
      .append(reason_phrase(response.status));
  text.append("\r\nDate: ").append(server_->date());
  if (!response.content_type.empty()) text.append("\r\nContent-Type: ").append(response.content_type);
  text.append("\r\nX-Request-Id: ").append(request.id);
  if (!response.headers.has("Cache-Control")) text.append("\r\nCache-Control: no-store");
  text.append("\r\nX-Content-Type-Options: nosniff\r\n");
  for (const Headers::Field& field : response.headers) {
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  const bool bodiless = response.status == 204 || response.status == 304 || response.status == 101;
  if (content_length && !bodiless) {
    const fmt::format_int length(*content_length);
    text.append("Content-Length: ").append(length.data(), length.size()).append("\r\n");
  }
  text.append(keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  return text;
}

void Connection::write_response(Response response) {
  const Request& request = parser_->request();
  allow_origin(request, response);
  server_->observe(route_, request, response, started_);
  const bool keep_alive = keep_alive_ && parser_->keep_alive() && !server_->draining;
  output_ = head(request, response, response.body.size(), keep_alive);
  if (request.method != Method::head) output_ += response.body;
  on_written_ = std::move(response.on_written);
  client_left_ = on_written_ && !transport_->peer_is_there();
  parser_.reset();
  enter(Phase::writing);
  server_->write_soon(shared_from_this(), keep_alive);
}

void Connection::write_output(bool keep_alive) {
  if (phase_ == Phase::closed) return;
  const std::size_t sent = transport_->write_now(output_);
  if (sent == output_.size()) return written(keep_alive);
  transport_->write(std::string_view(output_).substr(sent),
                    [self = shared_from_this(), keep_alive](boost::system::error_code error) {
                      if (error) return self->close();
                      self->written(keep_alive);
                    });
}

void Connection::written(bool keep_alive) {
  if (auto told = std::exchange(on_written_, nullptr)) told(!client_left_);
  if (!keep_alive) return close();
  output_ = std::string();  // while it is in the cache: the next connection's answer takes its place there
  enter(Phase::idle);
  if (pending_.empty()) return read();
  // The next request is here already. Not from this stack, so that it does not grow with what was pipelined.
  server_->context.loop.post([self = shared_from_this()] {
    const std::string bytes = std::exchange(self->pending_, {});
    self->parse(bytes);
  });
}

// While a response streams, the only thing that can come from the client is its leaving.
void Connection::watch_for_leaving() {
  transport_->read([self = shared_from_this()](boost::system::error_code error, std::string_view) {
    if (!error) return self->watch_for_leaving();
    self->client_left_ = true;
    if (self->leaving_bell_ != nullptr) self->leaving_bell_->ring();
  });
}

bool Connection::write_and_wait(std::string_view bytes) {
  if (client_left_ || phase_ == Phase::closed) return false;
  runtime::Completion<bool> done;
  transport_->write(bytes, [&done](boost::system::error_code error) { done.complete(!error); });
  return done.wait();
}

void Connection::run_stream(Response& response) {
  const Request& request = parser_->request();
  response.content_type = "text/event-stream";
  allow_origin(request, response);
  server_->observe(route_, request, response, started_);
  enter(Phase::streaming);
  runtime::Bell leaving;
  leaving_bell_ = &leaving;
  watch_for_leaving();
  if (write_and_wait(head(request, response, std::nullopt, false))) {
    EventStream stream([this](std::string_view bytes) { return write_and_wait(bytes); },
                       [&](Duration duration) { return !leaving.wait_for(duration) && !client_left_; });
    response.stream(stream);
  }
  leaving_bell_ = nullptr;
  close();
}

void Connection::run_web_socket(Response& response) {
  const Request& request = parser_->request();
  server_->observe(route_, request, response, started_);
  enter(Phase::streaming);
  serve_web_socket(server_->context.loop, *transport_, request, std::move(response.web_socket));
  close();
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  enter(Phase::closed);
  on_written_ = nullptr;
  transport_->close();
}

}  // namespace trunkline::net
