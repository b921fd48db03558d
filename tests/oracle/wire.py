"""A client of PostgreSQL's wire protocol (version 3), as small as recording answers needs it.

Simple queries only, no password: it talks to a server started for the purpose.
"""

import socket
import struct


class ServerError(Exception):
    """An error of the server: its SQLSTATE and its message."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Result:
    """Column names, type ids and rows of text values (None is NULL) of one statement."""

    def __init__(self):
        self.names, self.types, self.rows, self.command = [], [], [], ""


class Connection:
    def __init__(self, path, user="postgres", database="postgres", **settings):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        settings = {"client_encoding": "UTF8", **settings}
        pairs = {"user": user, "database": database, **settings}
        body = struct.pack("!i", 196608)
        body += b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in pairs.items())
        self.socket.sendall(struct.pack("!i", len(body) + 5) + body + b"\0")
        self._until_ready()

    def close(self):
        self.stream.close()
        self.socket.close()

    def run(self, sql):
        """The results of a script, one for each statement."""
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self._until_ready()

    def _message(self):
        kind, length = struct.unpack("!ci", self.stream.read(5))
        return kind, self.stream.read(length - 4)

    def _until_ready(self):
        results, current, error = [], Result(), None
        while True:
            kind, body = self._message()
            if kind == b"Z":
                break
            if kind == b"E":
                fields = dict((f[:1], f[1:].decode()) for f in body.split(b"\0") if f)
                error = ServerError(fields[b"C"], fields[b"M"])
            elif kind == b"T":
                count, at = struct.unpack_from("!h", body)[0], 2
                for _ in range(count):
                    end = body.index(b"\0", at)
                    current.names.append(body[at:end].decode())
                    current.types.append(struct.unpack_from("!i", body, end + 7)[0])
                    at = end + 19
            elif kind == b"D":
                row, at = [], 2
                for _ in range(struct.unpack_from("!h", body)[0]):
                    length = struct.unpack_from("!i", body, at)[0]
                    at += 4
                    if length < 0:
                        row.append(None)
                    else:
                        row.append(body[at : at + length].decode())
                        at += length
                current.rows.append(row)
            elif kind == b"C":
                current.command = body[:-1].decode()
                results.append(current)
                current = Result()
        if error:
            raise error
        return results
