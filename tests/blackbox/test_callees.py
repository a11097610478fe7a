"""The eleven numbers of the phone network in a box: status, transcript, bill and the exact webhook sequence of each
(contracts/voice-api.md §3.6, §6, §9.1)."""
from datetime import datetime
from decimal import Decimal

from support import signatures
from support.case import SECRET, ServedCase, minutes_of
from support.receiver import Reply

ORDER_STATUS = {"name": "order_status", "description": "Look up the status of an order by its number",
                "input_schema": {"type": "object", "properties": {"order_number": {"type": "string"}},
                                 "required": ["order_number"]}}


def seconds_between(earlier, later):
    moment = [datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (earlier, later)]
    return (moment[1] - moment[0]).total_seconds()


class Callees(ServedCase):
    def outcome(self, to, status, reason, by=None, **fields):
        """The call when everything about it is told; with what holds for every call checked."""
        call_id = self.api.place(to, fields.pop("task", "Ask for the opening hours"), agent_name="Ava",
                                 caller_name="Dana Smith", **fields)
        last = self.hooks.wait_for_event(call_id, timeout=60)
        call = self.api.ended(call_id)
        self.assertEqual((status, reason, by), (call["status"], call["ended_reason"], call["answered_by"]))
        self.check_bill(call)
        self.check_events(call, last)
        return call

    def check_bill(self, call):
        if call["started_at"] is None:
            self.assertEqual((None, None, []), (call["cost"], call["duration_seconds"], call["transcript"]))
            return
        self.assertEqual(call["duration_seconds"], int(seconds_between(call["started_at"], call["ended_at"])))
        minutes = minutes_of(call["duration_seconds"])
        self.assertEqual({"billed_minutes": minutes, "amount": str(Decimal("0.10") * minutes), "currency": "USD"},
                         call["cost"])

    def check_events(self, call, last):
        """§9.1: queued, started, one update a spoken turn, and the end; each signed, with an id of its own."""
        events = self.hooks.events(call["id"])
        names = [event["event"] for event in events]
        ended = {"completed": "call.completed", "failed": "call.failed", "cancelled": "call.cancelled"}[call["status"]]
        if call["started_at"] is None:
            self.assertEqual(["call.queued", ended], names)
        else:
            updates = [event for event in events if event["event"] == "call.transcript_update"]
            self.assertEqual(["call.queued", "call.started"] + ["call.transcript_update"] * len(updates) + [ended], names)
            told = [entry for event in updates for entry in event["transcript"]]
            self.assertEqual(call["transcript"], told)
            self.assertEqual(sorted({event["sequence"] for event in updates}), [event["sequence"] for event in updates])
            self.assertEqual(call["summary"], last["summary"])
        self.assertEqual(call["transcript"], last["transcript"])
        statuses = {"call.queued": "queued", "call.started": "in_progress", "call.transcript_update": "in_progress",
                    ended: call["status"]}
        for event in events:
            self.assertEqual((call["id"], call["call_session_id"], statuses[event["event"]]),
                             (event["call_id"], event["call_session_id"], event["status"]))
            self.assertTrue(event["timestamp"].endswith("Z"))
        for delivery in self.hooks.received("/events"):
            if delivery.body["call_id"] == call["id"]:
                self.assertEqual(signatures.canonical(delivery.body).encode(), delivery.raw)
                self.assertEqual("application/json", delivery.headers["content-type"])
                self.assertLess(len(delivery.raw), 100_000)
                signatures.check(self, delivery, SECRET)

    def spoken(self, call, role):
        return [entry["text"] for entry in call["transcript"] if entry["role"] == role]

    def test_0101_answers_helps_and_says_goodbye_after_79_seconds(self):
        call = self.outcome("+12025550101", "completed", "callee_hung_up", "person")
        self.assertEqual(79, call["duration_seconds"])
        self.assertEqual("0.20", call["cost"]["amount"])
        self.assertEqual("Hello?", self.spoken(call, "user")[0])
        self.assertEqual("All right then. Goodbye!", self.spoken(call, "user")[-1])
        introduction = self.spoken(call, "agent")[0]
        self.assertIn("Ava", introduction)
        self.assertIn("Dana Smith", introduction)
        self.assertIn("opening hours", " ".join(self.spoken(call, "agent")))

    def test_any_other_number_is_as_0101(self):
        call = self.outcome("+4930123456", "completed", "callee_hung_up", "person")
        self.assertEqual((79, "Hello?"), (call["duration_seconds"], self.spoken(call, "user")[0]))

    def test_0102_is_busy(self):
        self.assertEqual("callee", self.outcome("+12025550102", "failed", "busy")["ended_by"])

    def test_0103_rings_out_unanswered(self):
        call = self.outcome("+12025550103", "failed", "no_answer")
        self.assertGreaterEqual(seconds_between(call["ringing_at"], call["ended_at"]), 40)

    def test_0104_is_not_in_service(self):
        self.outcome("+12025550104", "failed", "not_in_service")

    def test_0105_is_an_answering_machine_and_gets_a_message(self):
        call = self.outcome("+12025550105", "completed", "voicemail_left", "machine")
        self.assertIn("leave a message after the tone", self.spoken(call, "user")[0])
        self.assertIn("opening hours", " ".join(self.spoken(call, "agent")))

    def test_0106_is_a_phone_menu_whose_matching_option_is_chosen(self):
        call = self.outcome("+12025550106", "completed", "callee_hung_up", "person",
                            task="Pick up a prescription at the pharmacy")
        heard = self.spoken(call, "user")
        self.assertIn("for the pharmacy press 2", heard[0])
        self.assertIn("Pharmacy, this is Dana. What can I do for you?", heard)

    def test_0107_picks_up_and_hangs_up_after_3_seconds(self):
        call = self.outcome("+12025550107", "completed", "callee_hung_up", "person")
        self.assertEqual((3, "0.10"), (call["duration_seconds"], call["cost"]["amount"]))

    def test_0108_asks_about_order_12345_and_is_told_by_a_tool(self):
        self.assertEqual(201, self.api.post("/tools", ORDER_STATUS).status_code)
        self.hooks.behave("/tools", Reply.json({"result": {"status": "shipped", "arrives": "Thursday"}}))
        call = self.outcome("+12025550108", "completed", "callee_hung_up", "person", task="Return a part")
        asked = [each for each in self.hooks.received("/tools") if each.body["call_id"] == call["id"]]
        self.assertEqual([{"order_number": "12345"}], [each.body["arguments"] for each in asked])
        self.assertIn("shipped", " ".join(self.spoken(call, "agent")))

    def test_0109_answers_after_25_seconds_of_ringing(self):
        call = self.outcome("+12025550109", "completed", "callee_hung_up", "person")
        self.assertAlmostEqual(25, seconds_between(call["ringing_at"], call["started_at"]), delta=0.5)

    def test_0110_keeps_talking_until_the_maximum_duration(self):
        call = self.outcome("+12025550110", "completed", "max_duration", "person", max_duration_seconds=180)
        self.assertEqual((180, "0.30"), (call["duration_seconds"], call["cost"]["amount"]))
        self.assertGreater(len(call["transcript"]), 6)

    def test_0111_speaks_spanish_with_non_ascii_text(self):
        call = self.outcome("+12025550111", "completed", "callee_hung_up", "person", locale="es-ES", task="Reservar una cita")
        self.assertEqual("¿Diga? Peluquería Núñez, ¿en qué puedo ayudarle?", self.spoken(call, "user")[0])
        raw = b"".join(each.raw for each in self.hooks.received("/events") if each.body["call_id"] == call["id"])
        self.assertIn(rb"Peluquer\u00eda N\u00fa\u00f1ez", raw)
