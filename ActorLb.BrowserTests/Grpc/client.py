"""python3 client.py ADDRESS [ROOT]: tries all that calls of samples/gRPC can do, and prints a line for each case; 1 where one went otherwise.
Over TLS where there is a ROOT, a PEM file: the certificate is for localhost.
python3 client.py follow FOLDER ADDRESS...: calls any of these addresses, and says so, until FOLDER has a file "stop".

A client of gRPC's core in C (Debian's python3-grpcio). Messages of trial.proto are written and read by hand, so that no compiler of them is needed.
"""
import os
import sys
import threading
import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor

try:
    import grpc
except ImportError:
    sys.exit("this client needs gRPC for Python: 'apt-get install python3-grpcio' on Debian")

# No case takes as long: one that hangs ends by it, with another status than it should.
PATIENCE = 30
# As much as servers of gRPC take, with what stands around it.
LARGE = 4 * 1024 * 1024 - 64
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
SILENCE = 3
Code = grpc.StatusCode


def varint(number):
    text = bytearray()
    while number > 0x7F:
        text.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(text) + bytes([number])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(message):
    """The last value of each field."""
    found, at = {}, 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = read()
        found[tag >> 3] = read()
        if tag & 7 == 2:
            end = at + found[tag >> 3]
            found[tag >> 3] = message[at:end]
            at = end
    return found


def question(size=0, *pieces, after=0, ending=b""):
    answers = b"".join(text(2, number(1, piece) + number(2, after)) for piece in pieces)
    return text(1, bytes(size)) + answers + (text(3, ending) if ending else b"")


def ending(code, message, field=""):
    return number(1, code) + text(2, message.encode()) + text(3, field.encode())


class Answer:
    def __init__(self, message):
        found = fields(message)
        self.payload = found.get(1, b"")
        self.server = found.get(2, b"").decode()
        self.received = found.get(3, 0)
        self.left = found.get(4, 0)


def channel_to(*addresses, root=None, **options):
    target = "ipv4:" + ",".join(addresses)
    # Else :authority is all addresses with their commas, which is no host, and servers reset such calls.
    options["default_authority"] = "localhost"
    arguments = [(f"grpc.{name}", value) for name, value in options.items()]
    if root is None:
        return grpc.insecure_channel(target, arguments)
    with open(root, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    return grpc.secure_channel(target, credentials, arguments)


class Trial:
    """The methods of the sample's service, as of a class that a compiler would have made."""

    def __init__(self, channel, service="actorlb.sample.Trial"):
        self.nothing = channel.unary_unary(f"/{service}/Nothing")
        self.echo = channel.unary_unary(f"/{service}/Echo", response_deserializer=Answer)
        self.sum = channel.stream_unary(f"/{service}/Sum", response_deserializer=Answer)
        self.pieces = channel.unary_stream(f"/{service}/Pieces", response_deserializer=Answer)
        self.talk = channel.stream_stream(f"/{service}/Talk", response_deserializer=Answer)
        self.missing = channel.unary_unary(f"/{service}/Missing")
        self.was_cancelled = channel.unary_unary(f"/{service}/WasCancelled", response_deserializer=fields)


class Questions:
    """What a client says in a stream, one after the other, when it wants to."""

    def __init__(self):
        self._changed = threading.Condition()
        self._waiting = []
        self._is_over = False

    def ask(self, message):
        with self._changed:
            self._waiting.append(message)
            self._changed.notify()

    def end(self):
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def __iter__(self):
        return self

    def __next__(self):
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_over)
            if not self._waiting:
                raise StopIteration
            return self._waiting.pop(0)


def same(expected, actual, what):
    if expected != actual:
        raise AssertionError(f"{what}: {str(expected)[:60]}, and not {str(actual)[:60]}")


def ends(code, call):
    """The error that a call ends with."""
    try:
        call()
    except grpc.RpcError as error:
        if error.code() is code:
            return error
        raise AssertionError(f"the status is {code}, and not {error.code()} ({error.details()})") from error
    raise AssertionError(f"the status is {code}, and not OK")


def empty_unary(trial, _):
    same(b"", trial.nothing(b"", timeout=PATIENCE), "the answer")


def large_unary(trial, _):
    answer = trial.echo(question(LARGE, LARGE), timeout=PATIENCE)
    same(LARGE, answer.received, "bytes that the server got")
    same(bytes(LARGE), answer.payload, "the payload")


def too_large_unary(trial, _):
    ends(Code.RESOURCE_EXHAUSTED, lambda: trial.echo(question(2 * LARGE), timeout=PATIENCE))


def compressed_unary(trial, _):
    answer = trial.echo(question(LARGE, 9), timeout=PATIENCE, compression=grpc.Compression.Gzip)
    same(LARGE, answer.received, "bytes that the server got")


def client_streaming(trial, _):
    sizes = [27_182, 8, 1828, 45_904, 3_000_000]
    same(sum(sizes), trial.sum((question(size) for size in sizes), timeout=PATIENCE).received, "bytes that the server got")


def server_streaming(trial, _):
    sizes = [31_415, 9, 2653, 58_979, 3_000_000]
    same(sizes, [len(answer.payload) for answer in trial.pieces(question(0, *sizes), timeout=PATIENCE)], "the answers")


def ping_pong(trial, _):
    questions = Questions()
    talk = trial.talk(questions, timeout=PATIENCE)
    sent = 0
    for asked, wanted in ((27_182, 31_415), (8, 9), (1828, 2653), (45_904, 58_979)):
        sent += asked
        questions.ask(question(asked, wanted))
        answer = next(talk)
        same((sent, wanted), (answer.received, len(answer.payload)), "what the server got, and says")
    questions.end()
    same([], list(talk), "answers beyond the questions")
    same(Code.OK, talk.code(), "the status")


def empty_stream(trial, _):
    talk = trial.talk(iter(()), timeout=PATIENCE)
    same([], list(talk), "answers to no question")
    same(Code.OK, talk.code(), "the status")


def many_in_parallel(trial, _):
    # All of them are open before the first is answered.
    talks = []
    for _ in range(100):
        questions = Questions()
        talk = trial.talk(questions, timeout=PATIENCE)
        questions.ask(question(1, 1))
        talks.append((questions, talk))
    for questions, talk in talks:
        same(1, next(talk).received, "bytes that the server got")
    for questions, talk in talks:
        questions.end()
        same([], list(talk), "answers beyond the questions")

    calls = [trial.echo.future(question(n, 1000 + n), timeout=PATIENCE) for n in range(100)]
    for n, call in enumerate(calls):
        same((n, 1000 + n), (call.result().received, len(call.result().payload)), "what the server got, and says")


def reader_that_waits(trial, _):
    slow = trial.pieces(question(0, *[256 * 1024] * 64), timeout=PATIENCE)
    same(256 * 1024, len(next(slow).payload), "the first answer")
    for _ in range(10):
        same(1, trial.echo(question(1), timeout=PATIENCE).received, "bytes that the server got meanwhile")
    same(63, len(list(slow)), "the other answers")


def cancel_after_begin(trial, _):
    questions = Questions()
    call = trial.sum.future(questions, timeout=PATIENCE)
    call.cancel()
    questions.end()
    same(Code.CANCELLED, call.code(), "the status")


def cancel_reaches_server(trial, _):
    name = str(uuid.uuid4())
    questions = Questions()
    talk = trial.talk(questions, timeout=PATIENCE, metadata=[("trial-name", name)])
    questions.ask(question(1, 1))
    next(talk)
    talk.cancel()
    ends(Code.CANCELLED, lambda: next(talk))
    questions.end()

    # Behind a balancer it may be another server that says what it knows.
    until = time.monotonic() + PATIENCE
    while not trial.was_cancelled(text(1, name.encode()), timeout=PATIENCE).get(1):
        if time.monotonic() > until:
            raise AssertionError("no server knows that the call was cancelled")
        time.sleep(0.01)


def deadline(trial, _):
    ends(Code.DEADLINE_EXCEEDED, lambda: list(trial.pieces(question(0, 1, after=PATIENCE * 1000), timeout=0.1)))
    ends(Code.DEADLINE_EXCEEDED, lambda: trial.echo(question(0, 1, after=PATIENCE * 1000), timeout=0.1))
    left = trial.echo(question(), timeout=PATIENCE).left
    # The core in C rounds it up.
    same(True, 0 < left <= PATIENCE * 1000 + 1000, f"the server has some of the time, {left} ms")


def status(trial, _):
    for message in ("test status message", SPECIAL, ""):
        asked = question(ending=ending(2, message))
        same(message, ends(Code.UNKNOWN, lambda: trial.echo(asked, timeout=PATIENCE)).details(), "the message")
        same(message, ends(Code.UNKNOWN, lambda: list(trial.talk(iter([asked]), timeout=PATIENCE))).details(), "the message in a stream")

    answers = []
    asked = question(0, 31_415, 9, ending=ending(15, "there should be more"))
    error = ends(Code.DATA_LOSS, lambda: answers.extend(trial.pieces(asked, timeout=PATIENCE)))
    same(("there should be more", 2), (error.details(), len(answers)), "the message behind the answers")


def status_details(trial, _):
    error = ends(Code.INVALID_ARGUMENT, lambda: trial.echo(question(ending=ending(3, "look", "payload")), timeout=PATIENCE))
    details = fields(dict(error.trailing_metadata())["grpc-status-details-bin"])
    same((3, b"look"), (details[1], details[2]), "the status in the details")
    detail = fields(details[3])
    same(b"type.googleapis.com/google.rpc.BadRequest", detail[1], "the kind of the details")
    same(b"payload", fields(fields(detail[2])[1])[1], "the field in the details")


def unimplemented(trial, channel):
    ends(Code.UNIMPLEMENTED, lambda: trial.missing(b"", timeout=PATIENCE))
    ends(Code.UNIMPLEMENTED, lambda: Trial(channel, "actorlb.sample.Missing").nothing(b"", timeout=PATIENCE))


def refused(_, channel):
    nobodys = Trial(channel, "actorlb.sample.Refused")
    for call in (
        lambda: nobodys.echo(question(LARGE), timeout=PATIENCE),
        lambda: nobodys.sum(iter([question(1)]), timeout=PATIENCE),
        lambda: list(nobodys.pieces(question(0, 1), timeout=PATIENCE)),
        lambda: list(nobodys.talk(iter(()), timeout=PATIENCE)),
    ):
        error = ends(Code.PERMISSION_DENIED, call)
        same(True, "address-denied" in error.details(), f"the reason's name in {error.details()}")


def metadata(trial, _):
    sent = [("trial-initial", "a value, and another"), ("trial-trailing-bin", bytes([0xAB, 0xAB, 0xAB, 0, 0xFF])), ("long-bin", os.urandom(6000))]
    _, unary = trial.echo.with_call(question(), timeout=PATIENCE, metadata=sent)
    talk = trial.talk(iter([question(1, 1)]), timeout=PATIENCE, metadata=sent)
    list(talk)
    for call in (unary, talk):
        same(sent[0][1], dict(call.initial_metadata()).get(sent[0][0]), "the metadata before the answer")
        same(sent[1][1], dict(call.trailing_metadata()).get(sent[1][0]), "the metadata behind the answer")


def health(_, channel):
    check = channel.unary_unary("/grpc.health.v1.Health/Check", response_deserializer=fields)
    same({1: 1}, check(b"", timeout=PATIENCE), "the health of a server")
    ends(Code.NOT_FOUND, lambda: check(text(1, b"nobody's"), timeout=PATIENCE))


def session(trial, _):
    first, call = trial.echo.with_call(question(), timeout=PATIENCE)
    ticket = dict(call.initial_metadata())["x-session"]
    for _ in range(12):
        answer = trial.echo(question(), timeout=PATIENCE, metadata=[("x-session", ticket)])
        same(first.server, answer.server, "the server of a session")


def keepalive(_, channel):
    with channel_to(*channel.where, keepalive_time_ms=200, keepalive_timeout_ms=5000, keepalive_permit_without_calls=1,
                    root=channel.root, **{"http2.max_pings_without_data": 0, "http2.min_time_between_pings_ms": 200}) as alive:
        same(1, len(list(Trial(alive).pieces(question(0, 1, after=SILENCE * 1000), timeout=PATIENCE))), "answers after a silence")
        time.sleep(SILENCE)
        Trial(alive).nothing(b"", timeout=PATIENCE)


CASES = [
    empty_unary, large_unary, too_large_unary, compressed_unary, client_streaming, server_streaming, ping_pong, empty_stream, many_in_parallel,
    reader_that_waits, cancel_after_begin, cancel_reaches_server, deadline, status, status_details, unimplemented, refused, metadata, health,
    session, keepalive,
]


def try_all(address, root=None):
    failed = 0
    with channel_to(address, root=root) as channel:
        channel.where, channel.root = [address], root
        for case in CASES:
            began = time.monotonic()
            try:
                case(Trial(channel), channel)
                print(f"ok {case.__name__} in {(time.monotonic() - began) * 1000:.0f} ms", flush=True)
            except Exception:
                failed += 1
                print(f"failed {case.__name__}: {traceback.format_exc()}", flush=True)
    return 1 if failed else 0


def follow(folder, *addresses):
    """One channel, which finds another node where one dies. Calls that were on their way then are UNAVAILABLE, and nothing else."""
    done = 0
    with channel_to(*addresses, max_reconnect_backoff_ms=500) as channel:
        trial = Trial(channel)

        def call(n):
            try:
                trial.echo(question(n, n), timeout=PATIENCE, wait_for_ready=True)
                list(trial.talk(iter([question(n, n)] * 3), timeout=PATIENCE, wait_for_ready=True))
                return 2
            except grpc.RpcError as error:
                if error.code() is Code.UNAVAILABLE:
                    return 0
                raise

        with ThreadPoolExecutor(8) as pool:
            while not os.path.exists(os.path.join(folder, "stop")):
                done += sum(pool.map(call, range(32)))
                print(f"done {done}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(follow(*sys.argv[2:]) if sys.argv[1] == "follow" else try_all(*sys.argv[1:]))
