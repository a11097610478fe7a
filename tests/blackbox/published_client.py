"""The published Python client, rebuilt from contracts/voice-api.md: what it sends, how it retries, what it reads.

It differs from the real package in nothing that the wire shows: default JSON spacing, a JSON content type on every request,
falsy fields left out, 30 s time-outs, urllib3's retries on GET and DELETE (§1, §8.1, §10). `Legacy` is the generation that
calls itself B2B (1.0.0), `Current` is 1.0.4."""
import hashlib
import hmac
import json

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

DEFAULT_BASE_URL = "https://api.thisispamela.com"


class PamelaError(Exception):
    def __init__(self, message, error_code=None, details=None, status_code=None):
        super().__init__(message)
        self.message, self.error_code, self.status_code = message, error_code, status_code
        self.details = details or {}


class AuthenticationError(PamelaError):
    pass


class SubscriptionError(PamelaError):
    pass


class RateLimitError(PamelaError):
    pass


class ValidationError(PamelaError):
    pass


class CallError(PamelaError):
    pass


class Client:
    """What both generations share."""

    def __init__(self, api_key, base_url=None):
        self.base_url = (base_url or DEFAULT_BASE_URL).rstrip("/") + "/api/b2b/v1"
        self.session = requests.Session()
        retries = HTTPAdapter(max_retries=Retry(total=3, backoff_factor=1, status_forcelist=[500, 502, 503, 504]))
        self.session.mount("https://", retries)
        self.session.mount("http://", retries)
        self.session.headers.update({"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"})

    def _request(self, method, path, **options):
        response = self.session.request(method, self.base_url + path, timeout=30, **options)
        if response.status_code >= 400:
            self._raise(response, path)
        return response.json()

    def _raise(self, response, path):
        raise NotImplementedError

    def get_call(self, call_id):
        return self._request("GET", f"/calls/{call_id}")

    def cancel_call(self, call_id):
        return self._request("POST", f"/calls/{call_id}/cancel")

    def register_tool(self, name, description, input_schema, output_schema=None, timeout_ms=30000):
        return self._request("POST", "/tools", json={"tool": {
            "name": name, "description": description, "input_schema": input_schema,
            "output_schema": output_schema or {}, "timeout_ms": timeout_ms}})

    def list_tools(self):
        return self._request("GET", "/tools")

    def delete_tool(self, tool_id):
        return self._request("DELETE", f"/tools/{tool_id}")


class Legacy(Client):
    """1.0.0: fewer fields, the filter named `status`, plain HTTP errors, signatures over spaced text."""

    def create_call(self, to, task, **fields):
        unknown = set(fields) - {"country", "locale", "instructions", "metadata", "tools", "webhooks", "end_user_id"}
        if unknown:
            raise TypeError(f"create_call() got unexpected arguments {sorted(unknown)}")
        body = {"to": to, "task": task, **{name: value for name, value in fields.items() if value}}
        return self._request("POST", "/calls", json=body)

    def list_calls(self, status=None, limit=50, offset=0, start_date=None, end_date=None):
        query = {"status": status, "limit": limit, "offset": offset, "start_date": start_date, "end_date": end_date}
        return self._request("GET", "/calls", params={name: value for name, value in query.items() if value})

    def _raise(self, response, path):
        response.raise_for_status()


class Current(Client):
    """1.0.4."""

    def create_call(self, to, task, max_duration_seconds=None, **fields):
        unknown = set(fields) - {"country", "locale", "instructions", "voice", "agent_name", "caller_name", "metadata",
                                 "tools", "webhooks", "end_user_id"}
        if unknown:
            raise TypeError(f"create_call() got unexpected arguments {sorted(unknown)}")
        body = {"to": to, "task": task, **{name: value for name, value in fields.items() if value}}
        if max_duration_seconds is not None:
            body["max_duration_seconds"] = max_duration_seconds
        return self._request("POST", "/calls", json=body)

    def list_calls(self, status=None, status_filter=None, limit=50, offset=0, start_date=None, end_date=None):
        query = {"status_filter": status_filter or status, "limit": limit, "offset": offset,
                 "start_date": start_date, "end_date": end_date}
        return self._request("GET", "/calls", params={name: value for name, value in query.items() if value})

    def hangup_call(self, call_id):
        return self._request("POST", f"/calls/{call_id}/hangup")

    def usage(self, period=None):
        return self._request("GET", "/usage", params={"period": period} if period else None)

    def _raise(self, response, path):
        code, message, details = read_error(response)
        kind = {401: AuthenticationError, 403: SubscriptionError, 429: RateLimitError,
                400: ValidationError, 422: ValidationError}.get(response.status_code)
        if kind is None:
            kind = CallError if path.startswith("/calls") else PamelaError
        raise kind(message, code, details, response.status_code)


def read_error(response):
    """The three rules of §8.1, with their traps: an `error` that is no object crashes here as it does there."""
    fallback = f"Request failed with status {response.status_code}"
    try:
        body = response.json()
    except ValueError:
        return None, fallback, {}
    if not isinstance(body, dict):
        return None, fallback, {}
    detail = body.get("detail")
    level = detail if isinstance(detail, dict) else body
    code = level.get("error_code") or level.get("error", {}).get("code")
    if isinstance(detail, dict):
        message = level.get("message") or level.get("error", {}).get("message")
    else:
        message = level.get("message") or detail
    details = level.get("details") or level.get("error", {}).get("details")
    return code, message or fallback, details or {}


def verify_current(payload, signature, secret):
    """§9.2: a string as it is, an object serialised again without spaces."""
    text = payload if isinstance(payload, str) else json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return hmac.compare_digest(hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(), signature)


def verify_legacy(payload, signature, secret):
    """§9.2: a string as it is, an object serialised again with spaces."""
    text = payload if isinstance(payload, str) else json.dumps(payload, sort_keys=True)
    return hmac.compare_digest(hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(), signature)


def parse_tool_webhook(payload):
    """What the SDK's parser of tool requests needs (§9.4): null arguments crash it."""
    return {"tool_name": payload["tool_name"], "arguments": dict(payload["arguments"]), "call_id": payload["call_id"],
            "correlation_id": payload["correlation_id"], "call_session_id": payload.get("call_session_id"),
            "partner_id": payload.get("partner_id"), "project_id": payload.get("project_id")}
