"""The way to the network, against a real server: what counts as no answer, and what is logged."""

import contextlib
import datetime
import gzip
import json
import logging
import socket
import ssl
import threading
import time

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)

from gateways import transport
from gateways.paytr import PayTR
from gateways.transport import Client, NoAnswer, Reply, Unreachable

URL = "https://psp.example/service"
FORM = {"name": "Ali Veli", "token": "t0ken"}
CARD = "4355084355084358"


class Server:
    """Answers each connection with the next of the given byte chunks, then hangs up."""

    def __init__(self, *answers, pause: float = 0, context: ssl.SSLContext | None = None):
        self.requests: list[bytes] = []
        self._answers = list(answers)
        self._pause = pause
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://localhost:{self._socket.getsockname()[1]}/service"
        self._stopped = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self._answer(connection)
                except OSError:
                    continue  # the client hung up

    def _answer(self, connection: socket.socket):
        raw = connection.dup()  # wrapping it in TLS takes the connection itself
        stream = connection
        if self._context:
            stream = self._context.wrap_socket(connection, server_side=True)
        with raw, stream:
            self.requests.append(self._read(stream))
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            for chunk in answer if isinstance(answer, list) else [answer]:
                (raw if isinstance(chunk, Raw) else stream).sendall(chunk)
                if self._stopped.wait(self._pause):
                    return

    @staticmethod
    def _read(stream: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(1 << 16) or b"\r\n\r\n"
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += stream.recv(1 << 16)
        return head + b"\r\n\r\n" + body

    def close(self):
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread up
        self._socket.close()


class Raw(bytes):
    """Bytes that are sent below TLS."""


def http(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def serve():
    servers = []

    def start(*answers, **options) -> Server:
        servers.append(Server(*answers, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def own_session(monkeypatch):
    """A session of its own for each test: no kept-alive connection of another one."""
    monkeypatch.setattr(Client, "_session", None)
    yield
    Client.session().close()


def post(url: str, repeatable: bool = False) -> Reply:
    return Client().post(
        url, form=FORM, scrub=lambda text: text, label="psp call", repeatable=repeatable
    )


# === ANSWERS === #


def test_an_answer_is_returned_whatever_its_content(serve):
    assert post(serve(http("sağ ol".encode())).url) == Reply(200, "sağ ol")


def test_a_client_error_is_an_answer(serve):
    assert post(serve(http(b'{"code":1}', "422 Unprocessable Content")).url).status == 422


def test_the_form_is_posted_as_utf_8(serve):
    server = serve(http())
    Client().post(server.url, form={"a": "ş&="}, scrub=str, label="x")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /service HTTP/1.1")
    assert b"application/x-www-form-urlencoded" in head
    assert body == b"a=%C5%9F%26%3D"


def test_what_is_got_has_its_question_in_the_address(serve):
    server = serve(http(b"[1]"))
    reply = Client().send("GET", server.url, query={"a": "ş&="}, scrub=str, label="x")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"GET /service?a=%C5%9F%26%3D HTTP/1.1")
    assert (body, reply) == (b"", Reply(200, "[1]"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_method_is_tried_once_more_if_that_is_harmless(serve, method):
    server = serve(http(b"", "503 Busy"), http(b"hello"))
    reply = Client().send(method, server.url, repeatable=True, scrub=str, label="x")
    assert (reply.text, len(server.requests)) == ("hello", 2)


def in_pieces(answer: bytes) -> list[bytes]:
    return [answer[place : place + 1] for place in range(len(answer))]


def chunked(body: bytes, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Connection: close", *headers]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    return "\r\n".join([*head, "", ""]).encode() + chunks + b"0\r\n\r\n"


ANSWER = '{"status":"success","reason":"şğı"}'
ZIPPED = gzip.compress(ANSWER.encode())
LONG = "0123456789" * 10_000


@pytest.mark.parametrize(
    "answer",
    [
        http(ANSWER.encode()),
        in_pieces(http(ANSWER.encode())),
        f"HTTP/1.1 200 OK\r\n\r\n{ANSWER}".encode(),
        chunked(ANSWER.encode()),
        in_pieces(chunked(ANSWER.encode())),
        http(ZIPPED, "200 OK", "Content-Encoding: gzip"),
        in_pieces(http(ZIPPED, "200 OK", "Content-Encoding: gzip")),
        in_pieces(chunked(ZIPPED, "Content-Encoding: gzip")),
    ],
    ids=[
        *["whole", "in pieces", "without a length", "chunked", "chunks in pieces"],
        *["zipped", "zipped in pieces", "zipped chunks in pieces"],
    ],
)
def test_an_answer_is_read_to_its_end_however_it_comes(serve, answer):
    pause = 0.001 if isinstance(answer, list) else 0
    assert post(serve(answer, pause=pause).url).text == ANSWER


@pytest.mark.parametrize("zipped", [False, True])
def test_a_long_answer_is_read_to_its_end(serve, zipped):
    body, headers = LONG.encode(), ()
    if zipped:
        body, headers = gzip.compress(body), ("Content-Encoding: gzip",)
    assert post(serve(http(body, "200 OK", *headers)).url).text == LONG


def test_bytes_that_are_no_utf_8_do_not_stop_the_reading(serve):
    assert post(serve(http(b"a\xffb")).url).text == "a\ufffdb"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OK",
        "<!DOCTYPE html><title>503</title>",
        "{",
        '{"a": 1} {"a": 2}',
        "[]",
        '["a"]',
        '"success"',
        "1",
        "null",
        "\ufffd",
        "{'status': 'success'}",
        pytest.param('{"a": ' + "9" * 5000 + "}", id="a number too long to read"),
        pytest.param('{"a": ' + "[" * 200_000, id="nested too deeply to read"),
    ],
)
def test_a_body_that_is_no_json_object_is_no_answer(text):
    with pytest.raises(NoAnswer):
        Reply(200, text).json()


@pytest.mark.parametrize("mark", ["\ufeff", "\ufeff\ufeff", "\r\n\ufeff "])
def test_a_byte_order_mark_before_the_answer_is_read_over(serve, mark):
    server = serve(http(f'{mark}{{"status": "success"}}'.encode()))
    assert post(server.url).json() == {"status": "success"}


def test_a_json_object_is_read():
    assert Reply(200, '{"status": "success"}').json() == {"status": "success"}


# === NO ANSWER === #


@pytest.mark.parametrize(
    "status",
    ["301 Moved", "302 Found", "304 Not Modified", "307 Temporary", "500 X", "502 X", "503 X"],
)
def test_a_redirect_or_a_server_error_is_no_answer(serve, status):
    server = serve(http(b'{"status":"success"}', status, "Location: /elsewhere"))
    with pytest.raises(NoAnswer):
        post(server.url)
    assert len(server.requests) == 1  # in particular, no redirect is followed


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="hangs up at once"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="hangs up in the head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", id="hangs up in the body"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="is no HTTP"),
        pytest.param(
            http(b"no gzip", "200 OK", "Content-Encoding: gzip"), id="says gzip but is none"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", id="broken chunks"
        ),
    ],
)
def test_a_broken_answer_is_no_answer(serve, answer):
    with pytest.raises(NoAnswer):
        post(serve(answer).url).json()


def test_a_timeout_after_the_request_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    with pytest.raises(NoAnswer):
        post(serve([b"HTTP/1.1 200 OK\r\n", b"never sent"], pause=5).url)


def test_a_timeout_in_the_middle_of_the_answer_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    with pytest.raises(NoAnswer):
        post(serve([head + b'{"status":', b"never sent"], pause=5).url)


def test_a_small_answer_that_swells_is_no_answer(serve):
    bomb = gzip.compress(b" " * (transport.LONGEST_ANSWER * 50))
    with pytest.raises(NoAnswer):
        post(serve(http(bomb, "200 OK", "Content-Encoding: gzip")).url)


def test_too_long_an_answer_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(transport, "LONGEST_ANSWER", 1 << 15)
    assert len(post(serve(http(b"x" * (1 << 15))).url).text) == 1 << 15
    with pytest.raises(NoAnswer):
        post(serve(http(b"x" * ((1 << 15) + 1))).url)


def test_an_endless_answer_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(transport, "LONGEST_ANSWER", 1 << 15)
    with pytest.raises(NoAnswer):
        post(serve([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 4096] * 100]).url)


def test_a_slow_drip_is_no_answer_when_the_time_is_up(serve, monkeypatch):
    monkeypatch.setattr(transport, "DEADLINE_SECONDS", 0.3)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    server = serve([head, *[b"x"] * 100], pause=0.02)  # all in all two seconds
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        post(server.url)
    assert time.monotonic() - started < 1


# === NO CONNECTION === #


def test_a_refused_connection_is_unreachable():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # nobody listens
        with pytest.raises(Unreachable):
            post(f"http://127.0.0.1:{bound.getsockname()[1]}/service")


POOL = object()


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (NewConnectionError(POOL, "refused"), Unreachable),
        (NameResolutionError("psp.example", POOL, socket.gaierror()), Unreachable),
        (ConnectTimeoutError("connecting took too long"), Unreachable),
        (SSLError(ssl.SSLCertVerificationError("self-signed")), Unreachable),
        (SSLError(ssl.SSLError("record layer failure while reading")), NoAnswer),
        (ProtocolError("Connection aborted", ConnectionResetError()), NoAnswer),
    ],
    ids=["refused", "no such name", "connecting", "certificate", "TLS later", "reset"],
)
def test_only_a_connection_that_never_was_is_unreachable(network, error, failure):
    wrapped = MaxRetryError(POOL, URL, error)
    network.post(URL, body=requests.ConnectionError(wrapped))
    with pytest.raises((Unreachable, NoAnswer)) as caught:
        post(URL)
    assert caught.type is failure


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (requests.ReadTimeout("read timed out"), NoAnswer),
        (requests.ConnectTimeout(MaxRetryError(POOL, URL, ConnectTimeoutError())), Unreachable),
        (requests.exceptions.ChunkedEncodingError("broken"), NoAnswer),
        (requests.exceptions.ContentDecodingError("broken"), NoAnswer),
        (requests.exceptions.InvalidURL("broken"), NoAnswer),
        (requests.RequestException(), NoAnswer),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_when_in_doubt_it_may_have_arrived(network, error, failure):
    network.post(URL, body=error)
    with pytest.raises((Unreachable, NoAnswer)) as caught:
        post(URL)
    assert caught.type is failure


def test_an_error_does_not_carry_the_request(network):
    network.post(URL, body=requests.ConnectionError("POST with token=t0ken failed"))
    with pytest.raises(NoAnswer) as caught:
        post(URL)
    assert "t0ken" not in str(caught.value)
    assert caught.value.__suppress_context__


# === TRYING AGAIN === #


@pytest.mark.parametrize("broken", [b"", http(b"", "503 Busy")], ids=["hang-up", "503"])
def test_what_is_harmless_is_tried_once_more(serve, broken):
    server = serve(broken, http(b"second"))
    assert post(server.url, repeatable=True).text == "second"
    assert len(server.requests) == 2


def test_what_is_harmless_is_tried_only_once_more(serve):
    server = serve(b"", b"", http(b"third"))
    with pytest.raises(NoAnswer):
        post(server.url, repeatable=True)
    assert len(server.requests) == 2


@pytest.mark.parametrize("broken", [b"", http(b"", "503 Busy"), http(b"", "302 Found")])
def test_what_moves_money_is_never_tried_again(serve, broken):
    server = serve(broken, http(b"second"))
    with pytest.raises(NoAnswer):
        post(server.url)
    assert len(server.requests) == 1


def test_an_answer_is_not_asked_for_twice(serve):
    server = serve(http(b"first"), http(b"second"))
    assert post(server.url, repeatable=True).text == "first"
    assert len(server.requests) == 1


# === TLS, COOKIES, TIMEOUTS === #


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_server_with_an_unknown_certificate_gets_nothing(serve, tls):
    server = serve(http(), context=tls)
    with pytest.raises(Unreachable):
        post(server.url)
    assert server.requests == []


def test_a_server_with_a_known_certificate_is_spoken_to(serve, tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert post(serve(http(b"hello"), context=tls).url).text == "hello"


def test_tls_that_breaks_after_the_request_is_no_answer(serve, tls, certificate, monkeypatch):
    """The request has arrived: taking it for unreachable would repeat a refund."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server = serve(Raw(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), context=tls)
    with pytest.raises((Unreachable, NoAnswer)) as caught:
        post(server.url)
    assert server.requests[0].endswith(b"token=t0ken")
    assert caught.type is NoAnswer


def test_tls_that_breaks_in_the_answer_is_no_answer(serve, tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    with pytest.raises((Unreachable, NoAnswer)) as caught:
        post(serve([head, Raw(b"no TLS any more")], context=tls).url)
    assert caught.type is NoAnswer


def test_what_requests_is_told(monkeypatch):
    told = {}

    def send(_adapter, _request, **options):
        told.update(options)
        raise requests.ReadTimeout

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(NoAnswer):
        post(URL)
    assert told["verify"] is True
    assert told["timeout"] == (transport.CONNECT_SECONDS, transport.READ_SECONDS)
    assert told["stream"] is True


def test_no_cookie_is_kept(serve):
    server = serve(http(b"", "200 OK", "Set-Cookie: session=1; Path=/"), http())
    post(server.url)
    post(server.url)
    assert len(Client.session().cookies) == 0
    assert not [request for request in server.requests if b"cookie" in request.lower()]


def test_all_clients_share_one_session():
    assert Client().session() is Client().session() is Client.session()


# === THE LOG === #


def logged(caplog) -> str:
    return "\n".join(record.getMessage() for record in caplog.records)


def mask(text: str) -> str:
    return transport.mask_card_numbers(text.replace("t0ken", "[…]"))


@pytest.fixture
def logging_post(caplog):
    caplog.set_level(logging.DEBUG)

    def call(url):
        return Client().post(url, form=FORM, scrub=mask, label="psp refund R1")

    return call


def test_the_log_tells_what_was_asked_and_answered(network, logging_post, caplog):
    network.post(URL, body='{"status":"success","token":"t0ken"}')
    logging_post(URL)
    (line,) = [record for record in caplog.records if record.name.endswith("transport")]
    assert line.levelno == logging.INFO
    assert "psp refund R1: HTTP 200 in " in line.getMessage()
    assert '{"status":"success","token":"[…]"}' in line.getMessage()


def test_the_log_holds_neither_request_nor_secret(serve, logging_post, caplog):
    logging_post(serve(http(json.dumps({"token": "t0ken", "pan": CARD}).encode())).url)
    assert "psp refund R1" in logged(caplog)
    assert [x for x in ("t0ken", "Ali", CARD) if x in logged(caplog)] == []


@pytest.mark.parametrize("body", [requests.ConnectionError("t0ken"), requests.ReadTimeout("t0ken")])
def test_a_failure_is_logged_without_the_request(network, logging_post, caplog, body):
    network.post(URL, body=body)
    with pytest.raises(NoAnswer):
        logging_post(URL)
    assert "psp refund R1: NoAnswer" in logged(caplog)
    assert "t0ken" not in logged(caplog)


def test_a_long_answer_is_logged_in_part(network, logging_post, caplog):
    network.post(URL, body="x" * 100_000)
    logging_post(URL)
    assert len(logged(caplog)) < transport.LONGEST_LOGGED + 200


@pytest.mark.parametrize("text", ["4", "4 ", f"{CARD} ", '"email', 'email="', "email=\\"])
def test_a_megabyte_is_logged_in_no_time(network, text):
    network.post(URL, body=text * ((1 << 20) // len(text)))
    started = time.monotonic()
    Client().post(URL, form=FORM, scrub=PayTR.scrub, label="psp call")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("secret", "shown"), [("t0ken", "t0ke"), (CARD, CARD[:15]), (CARD, CARD[:11])]
)
def test_the_log_does_not_cut_a_secret_so_that_it_is_not_recognised(
    network, logging_post, caplog, secret, shown
):
    network.post(URL, body=f"{' ' * (transport.LONGEST_LOGGED - len(shown))}{secret}")
    logging_post(URL)
    assert shown not in logged(caplog)
