#include "net/transfer_driver.hpp"

#include "net/client_connection.hpp"
#include "net/client_tls.hpp"

namespace trunkline::net {
namespace {

constexpr std::size_t resting_transfers_max = 1024;

}  // namespace

struct TransferDriver::State final : ConnectionOwner {
  State(runtime::EventLoop& event_loop, const ClientOptions& options)
      : loop(event_loop),
        user_agent(options.user_agent),
        tls(options.ca_file),
        connecting{event_loop, Readiness::create(event_loop), [this] { return tls.context(); }},
        pool(options.idle_connections_max, options.idle_connection_max_age) {}

  void begin(Transfer& transfer);
  void connect(Transfer& transfer);
  void connected(Transfer& transfer, Result<Connected> outcome);
  void settle(Transfer& transfer);
  void let_go(Transfer& transfer, bool connection_is_usable);

  void transfer_completed(Transfer& transfer) override { settle(transfer); }
  void idle_connection_spoilt(ClientConnection& connection) override { pool.drop(connection); }

  void schedule(Transfer& transfer);
  void unschedule(Transfer& transfer);
  void arm();
  void end_late();

  runtime::EventLoop& loop;
  const std::string user_agent;
  ClientTls tls;
  ConnectorContext connecting;
  ConnectionPool pool;

  Schedule deadlines;
  runtime::Timer alarm;
  runtime::SteadyTime armed_for = runtime::SteadyTime::max();

  std::vector<std::unique_ptr<Transfer>> resting;
};

TransferDriver::TransferDriver(runtime::EventLoop& loop, const ClientOptions& options)
    : state_(std::make_unique<State>(loop, options)) {}

TransferDriver::~TransferDriver() = default;

Transfer& TransferDriver::start(const TransferOrder& order) {
  State& state = *state_;
  if (state.resting.empty()) state.resting.push_back(std::make_unique<Transfer>());
  Transfer& transfer = *state.resting.back();
  transfer.prepare(order, state.user_agent);
  static_cast<void>(state.resting.back().release());  // owned by whoever releases it
  state.resting.pop_back();
  state.begin(transfer);
  return transfer;
}

void TransferDriver::release(Transfer& transfer) {
  std::unique_ptr<Transfer> owner(&transfer);
  if (!transfer.is_finished()) {
    state_->unschedule(transfer);
    state_->let_go(transfer, false);
  }
  transfer.rest();
  if (state_->resting.size() < resting_transfers_max) state_->resting.push_back(std::move(owner));
}

void TransferDriver::resume(Transfer& transfer) {
  if (transfer.connection && transfer.wants_more()) transfer.connection->read();
}

void TransferDriver::State::begin(Transfer& transfer) {
  auto connection = pool.take(transfer.url().origin());
  if (!connection) return connect(transfer);
  // It may have been opened for somebody whose requests may lead anywhere.
  if (transfer.public_only() && !is_public(connection->address())) {
    pool.put(std::move(connection));
    transfer.fail(address_refused(transfer.url()));
    return transfer.finish();
  }
  transfer.connection = connection;
  connection->carry(transfer);
  schedule(transfer);
}

void TransferDriver::State::connect(Transfer& transfer) {
  transfer.begin_connecting();
  schedule(transfer);
  transfer.connector =
      std::make_shared<Connector>(connecting, transfer.url(), transfer.addresses(), transfer.public_only());
  const std::shared_ptr<Connector> connector = transfer.connector;  // it may be done before `start` returns
  connector->start([this, &transfer](Result<Connected> outcome) { connected(transfer, std::move(outcome)); });
}

void TransferDriver::State::connected(Transfer& transfer, Result<Connected> outcome) {
  transfer.connector.reset();
  if (!outcome) {
    transfer.fail(std::move(outcome.error()));
    return settle(transfer);
  }
  transfer.connection =
      std::make_shared<ClientConnection>(*this, std::move(*outcome), transfer.url().origin());
  transfer.connection->carry(transfer);
}

void TransferDriver::State::settle(Transfer& transfer) {
  // A kept-alive connection may end at the very moment of its next use.
  const bool is_to_repeat = transfer.may_be_repeated() && transfer.connection->was_used_before();
  unschedule(transfer);
  let_go(transfer, transfer.leaves_connection_usable());
  if (is_to_repeat) return connect(transfer);
  transfer.finish();
}

void TransferDriver::State::let_go(Transfer& transfer, bool connection_is_usable) {
  if (auto connector = std::exchange(transfer.connector, nullptr)) connector->cancel();
  auto connection = std::exchange(transfer.connection, nullptr);
  if (!connection) return;
  if (connection_is_usable && connection->has_sent_all()) {
    pool.put(std::move(connection));
  } else {
    connection->close();
  }
}

void TransferDriver::State::schedule(Transfer& transfer) {
  const runtime::SteadyTime due = transfer.next_deadline();
  if (transfer.unscheduled) {
    transfer.unscheduled.key() = due;
    transfer.scheduled = deadlines.insert(std::move(transfer.unscheduled));
  } else {
    transfer.scheduled = deadlines.emplace(due, &transfer);
  }
  arm();
}

void TransferDriver::State::unschedule(Transfer& transfer) {
  transfer.unscheduled = deadlines.extract(transfer.scheduled);
}

// The alarm is set for the earliest deadline but not put off when that one is called off: most transfers end
// long before, and so cost no timer.
void TransferDriver::State::arm() {
  if (deadlines.empty() || deadlines.begin()->first >= armed_for) return;
  armed_for = deadlines.begin()->first;
  alarm = loop.call_after(runtime::time_left(armed_for), [this] {
    armed_for = runtime::SteadyTime::max();
    end_late();
  });
}

void TransferDriver::State::end_late() {
  const runtime::SteadyTime now = runtime::steady_now();
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    Transfer& transfer = *deadlines.begin()->second;
    unschedule(transfer);
    if (transfer.next_deadline() > now) {
      schedule(transfer);
      continue;
    }
    transfer.fail_late();
    let_go(transfer, false);
    transfer.finish();
  }
  arm();
}

}  // namespace trunkline::net
