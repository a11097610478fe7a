"""The published Python client of the engagement API, rebuilt from contracts/engagement-api.md: what it sends, how it repeats,
what it reads.

It differs from the real package in nothing that the wire shows: default JSON spacing, a JSON content type on every request,
falsy fields left out, three attempts with pauses of 1 s and 2 s, and only for what section 6 says."""
import json
import time

import requests


class SatoriError(Exception):
    pass


class AuthenticationError(SatoriError):
    pass


class RateLimitError(SatoriError):
    def __init__(self, message, retry_after):
        super().__init__(message)
        self.retry_after = retry_after


class InvalidRequestError(SatoriError):
    pass


class APIError(SatoriError):
    pass


class Client:
    """`pauses` may be shortened to keep a test short; the order of what happens stays."""

    def __init__(self, api_key, base_url, timeout=30, pauses=(1.0, 2.0)):
        self.base_url, self.timeout, self.pauses = base_url, timeout, pauses
        self.attempts = 0
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {api_key}", "Content-Type": "application/json",
                                     "Accept": "application/json"})

    def register_customer(self, customer_id, name=None, email=None, phone=None, properties=None):
        return self._request("POST", "/customers", self._customer(customer_id, name, email, phone, properties))

    def register_or_update_customer(self, customer_id, name=None, email=None, phone=None, properties=None):
        return self._request("PUT", "/customers", self._customer(customer_id, name, email, phone, properties))

    def record_action(self, customer_id, action_name, action_value=None, action_properties=None, timestamp=None):
        if not customer_id or not action_name:
            raise ValueError("customer_id and action_name are required")
        body = {"customer_id": customer_id, "action_name": action_name}
        if action_value is not None:
            body["action_value"] = action_value
        if action_properties:
            body["action_properties"] = action_properties
        if timestamp:
            body["timestamp"] = timestamp
        return self._request("POST", "/customers/actions", body)

    def delete_customer(self, customer_id):
        return self._request("DELETE", f"/customers/{customer_id}")

    def close(self):
        self.session.close()

    @staticmethod
    def _customer(customer_id, name, email, phone, properties):
        if not customer_id:
            raise ValueError("customer_id is required")
        given = {"name": name, "email": email, "phone": phone, "properties": properties}
        return {"customer_id": customer_id, **{key: value for key, value in given.items() if value}}

    def _request(self, method, path, body=None):
        problem = None
        for attempt in range(len(self.pauses) + 1):
            if attempt:
                time.sleep(self.pauses[attempt - 1])
            self.attempts += 1
            try:
                data = None if body is None else json.dumps(body).encode()
                response = self.session.request(method, self.base_url + path, data=data, timeout=self.timeout)
                return self._read(response)
            except (requests.RequestException, ValueError) as error:
                problem = error
        raise APIError(f"Request failed: {problem}")

    @staticmethod
    def _read(response):
        status = response.status_code
        if status == 401:
            raise AuthenticationError("Invalid API key")
        if status == 404:
            raise InvalidRequestError("Resource not found")
        if status == 429:
            raise RateLimitError("Rate limit exceeded", int(response.headers.get("Retry-After", 60)))
        if status == 400 or status >= 500:
            told = response.json() if response.content else {}
            kind = InvalidRequestError if status == 400 else APIError
            raise kind(told.get("message", "Bad request" if status == 400 else "Server error"))
        response.raise_for_status()
        return response.json()
