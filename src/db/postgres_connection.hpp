// One PostgreSQL connection in pipeline mode on one loop: many statements may be under way, their answers
// come in the order they were sent (libpq, "Pipeline Mode").
#pragma once

#include <deque>
#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "db/database.hpp"
#include "runtime/event_loop.hpp"

struct pg_conn;
struct pg_result;

namespace trunkline::db {

// What came of one statement.
struct PostgresReply {
  Rows rows;
  std::int64_t changed = 0;
  std::optional<Error> error;
  bool connection_lost = false;  // the answer never came
  bool lost_race = false;        // serialisation failure or deadlock: the whole transaction may be run again
  bool done = false;
  runtime::Waiter* waiter = nullptr;
};

class PostgresConnection : public std::enable_shared_from_this<PostgresConnection> {
 public:
  // Takes over an established connection. On the loop's thread from here on.
  PostgresConnection(runtime::EventLoop& loop, pg_conn* connected, std::string telco_schema);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Connects; blocks, so it belongs on a pool thread. `problem` says why it failed.
  static pg_conn* connect(const std::string& url, std::string& problem);

  void start();

  // Queues a statement. Its answer is filled in later.
  std::shared_ptr<PostgresReply> send(const Statement& statement, Parameters parameters);
  // Ends the implicit transaction of what was sent since the last sync; after an error the server skips up to
  // here.
  std::shared_ptr<PostgresReply> send_sync();
  // Asks the server to send what it has answered so far, without ending the implicit transaction.
  void send_flush_request();
  // Suspends until the reply is there.
  void wait(PostgresReply& reply);
  // Runs COPY … FROM STDIN with these lines, after what was sent before and alone: libpq has no COPY in a
  // pipeline. Suspends until it is answered.
  std::shared_ptr<PostgresReply> copy_in(const Statement& statement, std::string_view lines);

  bool broken() const { return broken_; }
  // The scope that the session is in, so that it is only sent when it changes.
  std::optional<Uuid>& scope() { return scope_; }

 private:
  struct Expected {
    std::shared_ptr<PostgresReply> reply;
    bool is_sync = false;
    std::optional<std::size_t> prepares;  // the number of the statement that it prepares
    std::string_view copies = {};         // what is sent when the server is ready for it
  };

  void flush_soon();
  void flush();
  void listen();
  void read_answers();
  void take_result(pg_result* result);
  void finish_front();
  void break_down(std::string_view why);
  void watch();

  runtime::EventLoop& loop_;
  pg_conn* connection_;
  std::string telco_schema_;
  boost::asio::posix::stream_descriptor socket_;
  std::deque<Expected> expected_;
  std::vector<bool> prepared_;
  std::optional<Uuid> scope_;
  bool broken_ = false;
  bool flush_pending_ = false;
  runtime::SteadyTime last_progress_;
  runtime::Timer watchdog_;
};

}  // namespace trunkline::db
