"""What must be true after any fault, whatever happened (reliability §0, I1, I2, I4): one usage entry for each connected call and
none for others, no call dialled twice, and every webhook delivered at least once, in order, and none that the database does not
know."""
from .api import ENDED
from .case import minutes_of
from .ids import public_id, uuid_of
from .waiting import wait_until

MICROSECONDS = 1_000_000


def open_calls(server):
    listed = ", ".join(f"'{status}'" for status in ENDED)
    return server.count("calls", f"status NOT IN ({listed})")


def wait_until_all_is_told(server, timeout=60):
    """Every call has ended and every message has been delivered."""
    wait_until(lambda: open_calls(server) == 0, "every call ends", timeout, 0.2)
    wait_until(lambda: server.count("webhook_messages", "status <> 'delivered'") == 0 and
               server.count("jobs", "kind <> 'maintenance.hourly'") == 0, "every webhook is delivered", timeout, 0.2)


def check_books(case, server):
    """The database agrees with itself."""
    calls = {row["id"]: row for row in server.query("SELECT * FROM calls")}
    entries = server.query("SELECT * FROM usage_entries")
    billed = [row["id"] for row in entries]
    case.assertEqual(sorted(billed), sorted(set(billed)))
    case.assertEqual({key for key, call in calls.items() if call["started_at"] is not None}, set(billed),
                     "exactly one usage entry for each connected call")
    for entry in entries:
        call = calls[entry["id"]]
        seconds = min((call["ended_at"] - call["started_at"]) // MICROSECONDS, call["max_duration_seconds"])
        case.assertEqual((seconds, minutes_of(seconds), minutes_of(seconds) * 100_000_000),
                         (entry["duration_seconds"], entry["billed_minutes"], entry["amount"]))
    case.assertEqual([], server.query("SELECT call_id, dials FROM local_legs WHERE dials <> 1"), "dialled more than once")
    case.assertEqual(0, server.count("jobs", "parked"), "parked jobs")
    for call in calls.values():
        case.assertIn(call["status"], ENDED)
        case.assertTrue(call["ended_reason"], "a call ends with a reason")
    return calls


def check_webhooks(case, server, receiver, path=None):
    """What arrived is what the database says was sent, in its order for each call."""
    messages = server.query("SELECT id, subject_id, event, body FROM webhook_messages ORDER BY id")
    sent = {}
    for row in messages:
        sent.setdefault(row["subject_id"], []).append(public_id("msg_", row["id"]))
    bodies = {public_id("msg_", row["id"]): row["body"].encode() for row in messages}
    arrived = {}
    for delivery in receiver.received(path):
        if "webhook-id" not in delivery.headers or not delivery.id.startswith("msg_"):
            continue
        case.assertIn(delivery.id, bodies, "an event that is not in the database")
        case.assertEqual(bodies[delivery.id], delivery.raw, "the bytes that are kept are the bytes that are sent")
        order = arrived.setdefault(str(uuid_of(delivery.body["call_id"])), [])
        if delivery.id not in order:
            order.append(delivery.id)
    case.assertEqual(sent, arrived, "each event of each call at least once, in order")
    for subject, events in by_subject(messages).items():
        case.assertEqual("call.queued", events[0])
        case.assertIn(events[-1], ("call.completed", "call.failed", "call.cancelled"))
        case.assertEqual(1, sum(event in ("call.completed", "call.failed", "call.cancelled") for event in events), subject)
        case.assertLessEqual(events.count("call.started"), 1)


def by_subject(messages):
    events = {}
    for row in messages:
        events.setdefault(row["subject_id"], []).append(row["event"])
    return events
