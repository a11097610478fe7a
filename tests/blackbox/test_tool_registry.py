"""Registering, listing and deleting tools (contracts/voice-api.md §4, §13)."""
from support.case import ServedCase

SCHEMA = {"type": "object", "properties": {"sku": {"type": "string"}}}


class Registry(ServedCase):
    def setUp(self):
        self.api = self.new_account().api

    def register(self, status=201, **fields):
        answer = self.api.post("/tools", {"name": "stock_level", "description": "Units left", "input_schema": SCHEMA, **fields})
        self.assertEqual(status, answer.status_code, answer.text)
        return answer.json()

    def test_the_bare_object_and_the_wrapped_one_mean_the_same(self):
        """§4.1: accept the bare object as well as `tool`."""
        bare = self.register()
        wrapped = self.api.post("/tools", {"tool": {"name": "other", "description": "Units left", "input_schema": SCHEMA}})
        self.assertEqual(201, wrapped.status_code)
        for field in ("description", "input_schema", "output_schema", "timeout_ms"):
            self.assertEqual(bare[field], wrapped.json()[field])
        self.assertEqual(({}, 30000), (bare["output_schema"], bare["timeout_ms"]))
        self.assertRegex(bare["id"], r"^tool_[A-Za-z0-9_-]+$")
        self.assertTrue(bare["created_at"])

    def test_both_time_fields_are_understood_and_milliseconds_win(self):
        """§4.1, §12."""
        self.assertEqual(60000, self.register(timeout_seconds=60)["timeout_ms"])
        self.assertEqual(1500, self.register(200, timeout_seconds=1.5)["timeout_ms"])
        self.assertEqual(5000, self.register(200, timeout_ms=5000, timeout_seconds=60)["timeout_ms"])

    def test_the_limits_of_the_timeout_are_accepted(self):
        """§13: 1 s to 120 s."""
        self.assertEqual(1000, self.register(timeout_ms=1000)["timeout_ms"])
        self.assertEqual(120000, self.register(200, timeout_ms=120000)["timeout_ms"])

    def test_the_same_name_replaces_and_keeps_the_id(self):
        """§13: 200, and one entry in the list."""
        first = self.register()
        second = self.register(200, description="Another text", output_schema={"type": "integer"})
        self.assertEqual(first["id"], second["id"])
        self.assertEqual([second], self.api.get("/tools").json())

    def test_the_list_is_a_bare_array(self):
        """§4.2."""
        self.assertEqual([], self.api.get("/tools").json())
        tools = [self.register(), self.register(name="zweites-tool.1")]
        self.assertEqual(tools, self.api.get("/tools").json())

    def test_a_repeated_delete_answers_the_same(self):
        """§4.3, §10: 200 with a JSON body each time; the name is free again under a new id."""
        tool = self.register()
        for _ in range(3):
            answer = self.api.delete(f"/tools/{tool['id']}")
            self.assertEqual((200, {"id": tool["id"], "status": "deleted", "success": True}),
                             (answer.status_code, answer.json()))
        self.assertEqual([], self.api.get("/tools").json())
        self.assertNotEqual(tool["id"], self.register()["id"])
