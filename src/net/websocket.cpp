#include "net/websocket.hpp"

#include <deque>

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "net/websocket_upgrade.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t message_bytes_max = 64UL * 1024;
constexpr std::size_t messages_waiting_max = 64;

// A Transport in the shape that Beast's web socket wants (Asio's AsyncReadStream and AsyncWriteStream).
class TransportStream {
 public:
  using executor_type = asio::io_context::executor_type;

  TransportStream(Transport& transport, asio::io_context& context)
      : transport_(transport), context_(context) {}

  executor_type get_executor() { return context_.get_executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (!left_over_.empty()) {
            const std::size_t count = take(into, left_over_);
            left_over_.erase(0, count);
            asio::post(context_, beast::bind_front_handler(std::move(handler), error_code(), count));
            return;
          }
          transport_.read(
              [this, handler = std::move(handler), into](error_code error, std::string_view bytes) mutable {
                const std::size_t count = take(into, bytes);
                left_over_ = bytes.substr(count);
                handler(error, count);
              });
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, Buffers from) {
          const asio::const_buffer first = *asio::buffer_sequence_begin(from);
          const std::size_t size = first.size();
          transport_.write({static_cast<const char*>(first.data()), size},
                           [handler = std::move(handler), size](error_code error) mutable {
                             handler(error, error ? 0 : size);
                           });
        },
        token, buffers);
  }

  void close() { transport_.close(); }

 private:
  template <class Buffers>
  static std::size_t take(const Buffers& into, std::string_view bytes) {
    return asio::buffer_copy(into, asio::buffer(bytes.data(), bytes.size()));
  }

  Transport& transport_;
  asio::io_context& context_;
  std::string left_over_;
};

// Beast calls these to end the connection below the web socket.
[[maybe_unused]] void beast_close_socket(TransportStream& stream) {
  stream.close();
}

[[maybe_unused]] void teardown(beast::role_type, TransportStream& stream, error_code& error) {
  stream.close();
  error = {};
}

template <class Handler>
void async_teardown(beast::role_type, TransportStream& stream, Handler&& handler) {
  stream.close();
  asio::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

beast::http::request<beast::http::string_body> handshake(const Request& request) {
  beast::http::request<beast::http::string_body> copy{beast::http::verb::get, request.target, 11};
  for (const char* name : {"Host", "Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    if (const auto value = request.headers.find(name))
      copy.set(name, beast::string_view(value->data(), value->size()));
  }
  return copy;
}

}  // namespace

struct WebSocket::State {
  State(Transport& transport, asio::io_context& context) : stream(transport, context) {}

  // Runs an asynchronous operation of the stream and waits for its error code.
  template <class Start>
  error_code wait(Start start) {
    runtime::Completion<error_code> done;
    start([&done](error_code error, auto&&...) { done.complete(error); });
    return done.wait();
  }

  void read_until_closed() {
    beast::flat_buffer buffer;
    while (true) {
      const error_code error = wait([&](auto handler) { stream.async_read(buffer, std::move(handler)); });
      if (error) break;
      if (messages.size() < messages_waiting_max) messages.push_back(beast::buffers_to_string(buffer.data()));
      buffer.clear();
      arrived.ring();
    }
    open = false;
    arrived.ring();
    reader_ended.release();
  }

  beast::websocket::stream<TransportStream> stream;
  std::deque<std::string> messages;
  runtime::Bell arrived;
  runtime::Semaphore reader_ended{0};
  runtime::Semaphore writing{1};
  bool open = true;
};

std::optional<std::string> WebSocket::receive(Duration at_most) {
  if (state_.messages.empty() && state_.open) state_.arrived.wait_for(at_most);
  if (state_.messages.empty()) return std::nullopt;
  std::string message = std::move(state_.messages.front());
  state_.messages.pop_front();
  return message;
}

bool WebSocket::send(std::string_view text) {
  if (!state_.open) return false;
  const runtime::Permit permit(state_.writing);
  const error_code error = state_.wait([&](auto handler) {
    state_.stream.async_write(asio::buffer(text.data(), text.size()), std::move(handler));
  });
  return !error;
}

bool WebSocket::is_open() const {
  return state_.open;
}

void serve_web_socket(runtime::EventLoop& loop, Transport& transport, const Request& request,
                      std::move_only_function<void(WebSocket&)> handler) {
  WebSocket::State state(transport, loop.context());
  state.stream.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
  state.stream.read_message_max(message_bytes_max);
  const auto upgrade = handshake(request);
  const error_code refused =
      state.wait([&](auto done) { state.stream.async_accept(upgrade, std::move(done)); });
  if (refused) return;

  loop.spawn("web socket reader", [&state] { state.read_until_closed(); });
  WebSocket socket(state);
  handler(socket);
  if (state.open) {
    state.wait(
        [&](auto done) { state.stream.async_close(beast::websocket::close_code::normal, std::move(done)); });
  }
  state.reader_ended.acquire();
}

}  // namespace trunkline::net
