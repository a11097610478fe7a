#include "db/postgres_connection.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/core.h>
#include <libpq-fe.h>

#include "base/text.hpp"
#include "db/dialect.hpp"

namespace trunkline::db {
namespace {

// PostgreSQL's type numbers (pg_type.dat).
constexpr Oid bool_type = 16;
constexpr Oid bigint_type = 20;
constexpr Oid smallint_type = 21;
constexpr Oid integer_type = 23;
constexpr Oid float4_type = 700;
constexpr Oid float8_type = 701;
constexpr Oid numeric_type = 1700;

// An answer that takes longer than this means that the server hangs; the connection is given up.
constexpr Duration answer_timeout = seconds(20);

// The binary form of the parameters, as libpq wants them: pointers, lengths and formats side by side.
class Encoded {
 public:
  Encoded(Parameters parameters) {
    integers_.reserve(parameters.size());
    for (const Parameter& parameter : parameters) std::visit(*this, parameter.value());
  }

  void operator()(std::monostate) { add(nullptr, 0); }
  void operator()(std::int64_t value) {
    integers_.push_back(htobe64(static_cast<std::uint64_t>(value)));
    add(reinterpret_cast<const char*>(&integers_.back()), sizeof(std::uint64_t));
  }
  void operator()(bool value) { add(value ? "\1" : "\0", 1); }
  void operator()(std::string_view text) { add(text.empty() ? "" : text.data(), text.size()); }
  void operator()(Blob blob) { (*this)(blob.bytes); }
  void operator()(const Uuid& id) {
    add(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
  }

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(const char* value, std::size_t length) {
    values_.push_back(value);
    lengths_.push_back(static_cast<int>(length));
    formats_.push_back(1);
  }

  std::vector<std::uint64_t> integers_;  // reserved, so that addresses stay
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

void add_cell(Rows& rows, const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return rows.add_null();
  const char* bytes = PQgetvalue(result, row, column);
  const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
  switch (PQftype(result, column)) {
    case bool_type:
      return rows.add_integer(*bytes);
    case bigint_type: {
      std::uint64_t value = 0;
      std::memcpy(&value, bytes, sizeof value);
      return rows.add_integer(static_cast<std::int64_t>(be64toh(value)));
    }
    case integer_type: {
      std::uint32_t value = 0;
      std::memcpy(&value, bytes, sizeof value);
      return rows.add_integer(static_cast<std::int32_t>(ntohl(value)));
    }
    case smallint_type: {
      std::uint16_t value = 0;
      std::memcpy(&value, bytes, sizeof value);
      return rows.add_integer(static_cast<std::int16_t>(ntohs(value)));
    }
    case numeric_type:
    case float4_type:
    case float8_type:
      throw std::logic_error("cast the column to bigint or text: its type is not ours");
    default:
      return rows.add_bytes({bytes, size});
  }
}

ErrorCode code_for(std::string_view state) {
  if (state == "23505") return error_codes::duplicate;
  if (state.starts_with("23")) return error_codes::check_failed;
  if (state == "53100") return error_codes::full;
  if (state.starts_with("42") || state.starts_with("22") || state.starts_with("0A"))
    return error_codes::defect;
  return error_codes::unavailable;
}

}  // namespace

pg_conn* PostgresConnection::connect(const std::string& url, std::string& problem) {
  const char* keywords[] = {"dbname",           "connect_timeout", "tcp_user_timeout",
                            "application_name", "client_encoding", nullptr};
  const char* values[] = {url.c_str(), "3", "10000", "trunkline", "UTF8", nullptr};
  pg_conn* connected = PQconnectdbParams(keywords, values, 1);
  // Times are shown as they are kept; `trunkline.` and the views do not depend on where the server stands.
  if (PQstatus(connected) == CONNECTION_OK) {
    PQclear(PQexec(connected, "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'"));
  }
  if (PQstatus(connected) == CONNECTION_OK && PQsetnonblocking(connected, 1) == 0 &&
      PQenterPipelineMode(connected) == 1) {
    return connected;
  }
  problem = trim(PQerrorMessage(connected));
  PQfinish(connected);
  return nullptr;
}

PostgresConnection::PostgresConnection(runtime::EventLoop& loop, pg_conn* connected, std::string telco_schema)
    : loop_(loop),
      connection_(connected),
      telco_schema_(std::move(telco_schema)),
      socket_(loop.context(), PQsocket(connected)) {
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
}

PostgresConnection::~PostgresConnection() {
  socket_.release();  // libpq owns and closes it
  PQfinish(connection_);
}

void PostgresConnection::start() {
  listen();
}

std::shared_ptr<PostgresReply> PostgresConnection::send(const Statement& statement, Parameters parameters) {
  auto reply = std::make_shared<PostgresReply>();
  if (broken_) {
    expected_.push_back({.reply = reply});
    break_down("the connection is closed");
    return reply;
  }
  const std::string name = fmt::format("s{}", statement.number());
  if (prepared_.size() <= statement.number()) prepared_.resize(Statement::count());
  if (!prepared_[statement.number()]) {
    const std::string sql = in_schema(statement.sql(), telco_schema_);
    PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr);
    prepared_[statement.number()] = true;
    // It shares the reply, so that the failure that is told is the real one and not "skipped after a
    // failure".
    expected_.push_back({.reply = reply, .prepares = statement.number()});
  }
  const Encoded encoded(parameters);
  if (PQsendQueryPrepared(connection_, name.c_str(), encoded.count(), encoded.values(), encoded.lengths(),
                          encoded.formats(), 1) != 1) {
    expected_.push_back({.reply = reply});
    break_down(PQerrorMessage(connection_));
    return reply;
  }
  expected_.push_back({.reply = reply});
  flush_soon();
  return reply;
}

std::shared_ptr<PostgresReply> PostgresConnection::send_sync() {
  auto reply = std::make_shared<PostgresReply>();
  expected_.push_back({.reply = reply, .is_sync = true});
  if (broken_ || PQpipelineSync(connection_) != 1) {
    break_down("the connection is closed");
  } else {
    flush_soon();
  }
  return reply;
}

void PostgresConnection::send_flush_request() {
  if (!broken_) PQsendFlushRequest(connection_);
  flush_soon();
}

void PostgresConnection::wait(PostgresReply& reply) {
  if (reply.done) return;
  runtime::Waiter waiter;
  reply.waiter = &waiter;
  waiter.wait();
}

std::shared_ptr<PostgresReply> PostgresConnection::copy_in(const Statement& statement,
                                                           std::string_view lines) {
  wait(*send_sync());
  auto reply = std::make_shared<PostgresReply>();
  const std::string sql = in_schema(statement.sql(), telco_schema_);
  expected_.push_back({.reply = reply, .copies = lines});
  if (broken_ || PQexitPipelineMode(connection_) != 1 || PQsendQuery(connection_, sql.c_str()) != 1) {
    break_down(broken_ ? "the connection is closed" : PQerrorMessage(connection_));
    return reply;
  }
  flush_soon();
  wait(*reply);
  if (!broken_ && PQenterPipelineMode(connection_) != 1) break_down(PQerrorMessage(connection_));
  return reply;
}

// Gathers what the fibers of this turn of the loop send into one write.
void PostgresConnection::flush_soon() {
  if (std::exchange(flush_pending_, true)) return;
  loop_.post([self = shared_from_this()] {
    self->flush_pending_ = false;
    self->flush();
  });
  watch();
}

void PostgresConnection::flush() {
  if (broken_) return;
  const int outcome = PQflush(connection_);
  if (outcome < 0) return break_down(PQerrorMessage(connection_));
  if (outcome == 0) return;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->flush();
                     });
}

void PostgresConnection::listen() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (!self || error || self->broken_) return;
                       self->read_answers();
                       if (!self->broken_) self->listen();
                     });
}

void PostgresConnection::read_answers() {
  if (PQconsumeInput(connection_) != 1) return break_down(PQerrorMessage(connection_));
  last_progress_ = std::chrono::steady_clock::now();
  while (!expected_.empty() && PQisBusy(connection_) == 0) {
    PGresult* result = PQgetResult(connection_);
    if (result == nullptr) {
      if (!expected_.front().is_sync) finish_front();
      continue;
    }
    take_result(result);
    const bool synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (synced) finish_front();
  }
  if (PQstatus(connection_) == CONNECTION_BAD) break_down(PQerrorMessage(connection_));
  if (PQflush(connection_) > 0) flush();
}

void PostgresConnection::take_result(pg_result* result) {
  Expected& expected = expected_.front();
  PostgresReply& reply = *expected.reply;
  switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK: {
      const int columns = PQnfields(result);
      reply.rows = Rows(static_cast<std::size_t>(columns));
      for (int row = 0; row < PQntuples(result); ++row) {
        for (int column = 0; column < columns; ++column) add_cell(reply.rows, result, row, column);
      }
      reply.changed = parse_integer(PQcmdTuples(result)).value_or(0);
      break;
    }
    case PGRES_COMMAND_OK:
      reply.changed = parse_integer(PQcmdTuples(result)).value_or(0);
      break;
    case PGRES_PIPELINE_SYNC:
      break;
    case PGRES_COPY_IN: {
      // Without blocking, libpq keeps what the socket does not take yet.
      const std::string_view lines = std::exchange(expected.copies, {});
      if (PQputCopyData(connection_, lines.data(), static_cast<int>(lines.size())) == 1)
        PQputCopyEnd(connection_, nullptr);
      break;
    }
    default: {
      const char* sql_state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      const std::string_view state = sql_state == nullptr ? "" : sql_state;
      if (expected.prepares) prepared_[*expected.prepares] = false;
      if (reply.error) break;
      reply.lost_race = state == "40001" || state == "40P01";
      reply.error =
          engine_failure(code_for(state), fmt::format("PostgreSQL: {}", trim(PQresultErrorMessage(result))));
    }
  }
}

void PostgresConnection::finish_front() {
  const std::shared_ptr<PostgresReply> reply = std::move(expected_.front().reply);
  const bool more_to_come = expected_.front().prepares.has_value();
  expected_.pop_front();
  if (more_to_come) return;
  reply->done = true;
  if (reply->waiter != nullptr) std::exchange(reply->waiter, nullptr)->wake();
}

void PostgresConnection::break_down(std::string_view why) {
  broken_ = true;
  watchdog_.cancel();
  // At once: libpq may have closed the socket, and the next one that is opened gets its number. To forget it
  // later would be to forget that one.
  socket_.release();
  const Error lost(error_codes::unavailable,
                   fmt::format("The PostgreSQL connection was lost: {}", trim(why)));
  while (!expected_.empty()) {
    expected_.front().reply->error = lost;
    expected_.front().reply->connection_lost = true;
    finish_front();
  }
}

// A server that hangs keeps the connection open and never answers; only a clock notices.
void PostgresConnection::watch() {
  if (watchdog_.is_pending() || broken_) return;
  last_progress_ = std::chrono::steady_clock::now();
  watchdog_ = loop_.call_after(seconds(1), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->broken_ || self->expected_.empty()) return;
    if (std::chrono::steady_clock::now() - self->last_progress_ > answer_timeout) {
      return self->break_down("no answer in time");
    }
    const runtime::SteadyTime progress = self->last_progress_;
    self->watch();
    self->last_progress_ = progress;
  });
}

}  // namespace trunkline::db
