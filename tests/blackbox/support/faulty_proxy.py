"""Stands between a client and the server and makes the network fail, request by request, as it is told."""
import socket
import threading
import time

TIMEOUT, REFUSED, CUT, SWALLOWED, ERROR = "timeout", "refused", "cut", "swallowed", "error"


class FaultyProxy:
    """`choose()` names a fault for each request, or None. `cut`: the client is gone before the server's answer is written, and
    the server can see that; `swallowed`: the server's answer is lost on its way; `timeout`: the answer is never passed on;
    `refused`: the request never arrives; `error`: a 500 of something in between, not JSON."""

    def __init__(self, port, choose):
        self.port_behind, self.choose = port, choose
        self.closing = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            while request := read_message(client):
                fault = self.choose()
                if fault == REFUSED:
                    return
                if fault == ERROR:
                    client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<h1>/</h1"
                                   )
                    continue
                with socket.create_connection(("127.0.0.1", self.port_behind), timeout=60) as server:
                    try:
                        server.sendall(request)
                        if fault == CUT:
                            server.close()
                            return
                        answer = read_message(server)
                    except OSError:
                        return
                if fault == SWALLOWED or not answer:
                    return
                if fault == TIMEOUT:
                    time.sleep(0.6)
                    return
                client.sendall(answer)

    def close(self):
        self.listener.close()


def read_message(connection):
    """One request or answer with its body; b"" when the connection ends."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            piece = connection.recv(65536)
            if not piece:
                return b""
            body += piece
    except OSError:
        return b""
    return head + b"\r\n\r\n" + body
