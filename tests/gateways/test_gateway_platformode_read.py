"""Platformode's messages: each says something, none proves it, whatever was done to it."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformode_samples import (
    CREDENTIALS,
    HASHES,
    INVOICE,
    IV,
    ORDER,
    ORDER_ID,
    SALT,
    browser_return,
    pack,
    refund_hook,
    sale_hook,
)

from gateways.base import BadMessage, Claim, Forged, Money, State, Subject
from gateways.platformode import Platformode

GENUINE = {
    "sale": sale_hook(),
    "failed sale": sale_hook("Failed"),
    "refund": refund_hook(),
    "return": browser_return(),
    "failed return": browser_return("0"),
}
CASES = {
    "sale": "sale_hook",
    "failed sale": "sale_hook_fail",
    "refund": "refund_hook",
    "return": "resp_ok",
    "failed return": "resp_fail",
}
OTHER_ORDER = replace(ORDER, reference="SO0001-2")
each_genuine = pytest.mark.parametrize("kind", GENUINE)


def hash_of(message: dict[str, str]) -> str:
    return message.get("hash_key") or message["Hash_key"]


def with_hash(message: dict[str, str], bundle: str) -> dict[str, str]:
    name = "hash_key" if "hash_key" in message else "Hash_key"
    return message | {name: bundle}


def read(message: dict[str, str], order=ORDER) -> Claim:
    return Platformode(CREDENTIALS).read(message, order)


def assert_worthless(message: dict[str, str], order=ORDER) -> Claim | None:
    """Whatever a message says: nothing is proven, and nothing but `BadMessage` is raised."""
    try:
        claim = read(message, order)
    except BadMessage:
        return None
    assert not claim.proven
    assert claim.reference == order.reference == message["invoice_id"]
    assert claim.key.isprintable()
    assert claim.key.startswith(f"{order.reference}:")
    assert claim.outcome.amount is claim.outcome.charged is None
    return claim


# === WHAT A MESSAGE SAYS === #


@each_genuine
def test_the_hashes_of_the_vectors_are_read(kind):
    message = GENUINE[kind]
    assert hash_of(message) == HASHES[CASES[kind]]
    assert read(message).reference == INVOICE


@pytest.mark.parametrize(
    ("kind", "state", "about", "text"),
    [
        ("sale", State.PAID, Subject.PAYMENT, "Ödeme alındı"),
        ("failed sale", State.FAILED, Subject.PAYMENT, "Ödeme alındı"),
        ("refund", State.PAID, Subject.REFUND, ""),
        ("return", State.PAID, Subject.PAYMENT, "Sonuç"),
        ("failed return", State.FAILED, Subject.PAYMENT, "Sonuç"),
    ],
)
def test_a_message_is_told_from_the_others(kind, state, about, text):
    claim = read(GENUINE[kind])
    assert claim.outcome.state is state
    assert claim.about is about
    assert (claim.outcome.psp_reference, claim.outcome.text) == (ORDER_ID, text)


@each_genuine
def test_no_message_proves_anything(kind):
    claim = read(GENUINE[kind])
    assert not claim.proven
    assert "checkstatus" in claim.doubt


def test_platformode_is_known_not_to_sign():
    assert Platformode.signs is False


@each_genuine
def test_a_message_names_its_order_without_being_read(kind):
    assert Platformode.reference_of(GENUINE[kind]) == INVOICE


@each_genuine
@pytest.mark.parametrize("change", [str.lower, str.upper, str.capitalize])
def test_names_may_begin_with_a_capital(kind, change):
    message = {change(name): text for name, text in GENUINE[kind].items()}
    assert read(message) == read(GENUINE[kind])


@each_genuine
@pytest.mark.parametrize("name", ["order_id", "order_no"])
def test_the_order_of_platformode_has_two_names(kind, name):
    message = {key: text for key, text in GENUINE[kind].items() if key[:6] != "order_"}
    assert read(message | {name: ORDER_ID}) == read(GENUINE[kind])


@each_genuine
def test_a_bundle_may_have_been_through_a_form(kind):
    message = GENUINE[kind]
    damaged = hash_of(message).replace("+", " ").replace("__", "/").rstrip("=")
    assert read(with_hash(message, damaged)) == read(message)


@pytest.mark.parametrize("total", ["100.00", "100", "100.0", "106.1", "0.1"])
def test_a_total_may_be_written_in_any_way_and_include_a_surcharge(total):
    """It proves nothing, so nothing depends on it."""
    assert read(sale_hook(total=total)).outcome.state is State.PAID


def test_words_of_a_stranger_are_bounded_and_printable():
    text = read(sale_hook(status_description="\0\x1b" + "ş" * 5000)).outcome.text
    assert text == "ş" * 500


# === COPIES === #


@each_genuine
def test_a_copy_has_the_same_key(kind):
    message = GENUINE[kind]
    copies = [
        dict(message),
        message | {"status_description": "Başka", "error": "x"},
        {name.lower(): text for name, text in message.items()},
        with_hash(message, hash_of(message).replace("+", " ")),
    ]
    assert {read(copy).key for copy in copies} == {read(message).key}


@pytest.mark.parametrize(("iv", "salt"), [("f" * 16, SALT), (IV, "0015"), ("f" * 16, "11629")])
def test_a_copy_that_was_sealed_anew_has_the_same_key(iv, salt):
    fields = ("Completed", "100.00", INVOICE, ORDER_ID, "TRY")
    copy = sale_hook(Hash_key=pack(*fields, iv=iv, salt=salt))
    assert read(copy).key == read(sale_hook()).key


def test_different_messages_have_different_keys():
    messages = [
        *GENUINE.values(),
        sale_hook(total="100.01"),
        sale_hook(order_id="2", Hash_key=pack("Completed", "100.00", INVOICE, "2", "TRY")),
        refund_hook("10.51"),
        refund_hook("100.00"),
    ]
    keys = [read(message).key for message in messages]
    other = sale_hook(
        invoice_id="SO0001-2",
        Hash_key=pack("Completed", "100.00", "SO0001-2", ORDER_ID, "TRY"),
    )
    assert len({*keys, read(other, OTHER_ORDER).key}) == len(messages) + 1


# === WHAT IS NO MESSAGE === #


@each_genuine
@pytest.mark.parametrize("name", ["invoice_id", "hash_key"])
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_message_without_a_needed_field_is_refused(kind, name, value):
    message = {key: text for key, text in GENUINE[kind].items() if key.lower() != name}
    if value is not None:
        message[name] = value
    with pytest.raises(BadMessage) as bad:
        read(message)
    assert bad.type is BadMessage
    assert name in bad.value.text


@each_genuine
def test_a_message_without_an_order_of_platformode_is_refused(kind):
    message = {key: text for key, text in GENUINE[kind].items() if key[:6] != "order_"}
    with pytest.raises(Forged):
        read(message)


@each_genuine
@pytest.mark.parametrize("secret", ["another secret", CREDENTIALS["merchant_key"]])
def test_a_message_to_another_merchant_is_a_forgery(kind, secret):
    with pytest.raises(Forged):
        Platformode(CREDENTIALS | {"app_secret": secret}).read(GENUINE[kind], ORDER)


@pytest.mark.parametrize(
    "bundle",
    ["x", "3rter3dtrytyutuer5y5tyttrtryryry=", f"{IV}:{SALT}:", ":::", "ş", "\0", "\ud800"],
    ids=ascii,
)
@each_genuine
def test_a_bundle_that_is_none_is_a_forgery(kind, bundle):
    with pytest.raises(Forged):
        read(with_hash(GENUINE[kind], bundle))


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("Completed",),
        ("Completed", "100.00", INVOICE),
        ("Completed", "100.00", INVOICE, ORDER_ID, "TRY", "x"),
        ("Completed", "100.00", INVOICE, ORDER_ID, "TRY", "", ""),
        ("Comp\0leted", "100.00", INVOICE, ORDER_ID, "TRY"),
        ("Completed", "100.00\n", INVOICE, ORDER_ID, "TRY"),
        (INVOICE, ORDER_ID, "Completed", "100.00"),
    ],
    ids=str,
)
def test_a_bundle_of_other_fields_is_a_forgery(fields):
    message = {name: text for name, text in sale_hook().items() if name != "status"}
    with pytest.raises(Forged):
        read(message | {"Hash_key": pack(*fields)})


@pytest.mark.parametrize(
    "case", ["pay", "checkstatus", "refund_part", "confirm_capture", "complete"]
)
def test_what_the_shop_sealed_itself_does_not_come_back_as_a_message(case):
    with pytest.raises(Forged):
        read(browser_return(hash_key=HASHES[case]))


# === FORGERIES === #


def test_the_forged_redirect_of_the_vectors_is_not_believed():
    """A buyer with a declined card can make it from the failure: asking is all it brings about."""
    forged = browser_return(hash_key=HASHES["FORGED_iv_bitflip_of_resp_fail_must_not_be_trusted"])
    claim = read(forged)
    assert claim.outcome.state is State.PAID
    assert not claim.proven


@each_genuine
def test_a_message_of_another_order_is_refused(kind):
    with pytest.raises(BadMessage):
        read(GENUINE[kind], OTHER_ORDER)


@each_genuine
def test_an_old_success_is_not_one_of_a_new_attempt(kind):
    with pytest.raises(Forged):
        read(GENUINE[kind] | {"invoice_id": OTHER_ORDER.reference}, OTHER_ORDER)


@pytest.mark.parametrize("name", ["order_id", "order_no"])
def test_another_order_of_platformode_is_a_forgery(name):
    for message in GENUINE.values():
        changed = {key: text for key, text in message.items() if key[:6] != "order_"}
        with pytest.raises(Forged):
            read(changed | {name: "162616268649432"})


@pytest.mark.parametrize("kind", ["sale", "failed sale", "refund"])
@pytest.mark.parametrize("status", ["Completed", "Failed", "completed", "1", "0", ""])
def test_a_status_that_is_not_the_sealed_one_is_a_forgery(kind, status):
    message = GENUINE[kind] | {"status": status}
    if status == GENUINE[kind]["status"]:
        assert_worthless(message)
        return
    with pytest.raises(Forged):
        read(message)


def test_the_hash_of_one_kind_does_not_fit_another_status():
    for bundle in map(hash_of, GENUINE.values()):
        for message in GENUINE.values():
            assert_worthless(with_hash(message, bundle))
    with pytest.raises(Forged):
        read(sale_hook() | {"Hash_key": hash_of(sale_hook("Failed"))})


def test_a_forgery_does_not_tell_what_was_sealed():
    with pytest.raises(Forged) as forgery:
        read(sale_hook("Failed") | {"status": "Completed"})
    assert "Failed" not in forgery.value.text


@each_genuine
def test_no_changed_iv_makes_a_message_proven(kind):
    message = GENUINE[kind]
    bare = {name: text for name, text in message.items() if name != "status"}
    rest = hash_of(message)[16:]
    for place in range(16):
        for bits in range(1, 64):
            iv = IV[:place] + chr(ord(IV[place]) ^ bits) + IV[place + 1 :]
            assert_worthless(with_hash(bare, iv + rest))


def test_a_failure_can_be_turned_into_any_status_but_never_into_proof():
    rest = hash_of(browser_return("0"))[1:]
    states = set()
    for code in range(32, 127):
        wanted = chr(ord(IV[0]) ^ ord("0") ^ code)
        claim = assert_worthless(browser_return("0", hash_key=wanted + rest))
        states |= {claim.outcome.state} if claim else set()
    assert states == {State.PAID, State.FAILED}


# === ANYTHING === #


def spliced(first: str, second: str, cuts: list[int]) -> str:
    """Blocks of one bundle between those of another, under the head of the first."""
    head, text = first.rsplit(":", 1)
    ours, theirs = (
        base64.b64decode(bundle.replace("__", "/").split(":")[2]) for bundle in (first, second)
    )
    pieces = [(ours, theirs)[cut % 2][cut // 2 * 16 : cut // 2 * 16 + 16] for cut in cuts]
    return f"{head}:{base64.b64encode(b''.join(pieces)).decode()}" if pieces else f"{head}:{text}"


def flipped(bundle: str, bits: list[tuple[int, int]]) -> str:
    head, text = bundle.rsplit(":", 1)
    data = bytearray(base64.b64decode(text.replace("__", "/")))
    for place, bit in bits:
        data[place % len(data)] ^= 1 << bit
    return f"{head}:{base64.b64encode(data).decode()}"


sealed = st.sampled_from([*map(hash_of, GENUINE.values()), *HASHES.values()])
places = st.tuples(st.integers(0, 200), st.integers(0, 7))
mutated_bundles = st.one_of(
    sealed,
    st.builds(lambda bundle, end: bundle[:end], sealed, st.integers(0, 200)),
    st.builds(spliced, sealed, sealed, st.lists(st.integers(0, 7), max_size=8)),
    st.builds(flipped, sealed, st.lists(places, min_size=1, max_size=4)),
    st.builds(lambda iv, bundle: iv + bundle[16:], st.text(min_size=16, max_size=16), sealed),
    st.builds(
        pack,
        st.sampled_from(["1", "0", "Completed", "Failed"]) | st.text(max_size=12),
        st.sampled_from(["100.00", "0.01", "1e9", "-1"]) | st.text(max_size=12),
        st.sampled_from([INVOICE, OTHER_ORDER.reference]),
        st.just(ORDER_ID),
        st.sampled_from(["TRY", "USD"]) | st.text(max_size=4),
    ),
    st.text(max_size=80),
)
values = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["Completed", "Failed", "1", "0", "100.00", "0.01", INVOICE, ORDER_ID]),
)
names = st.sampled_from([*sale_hook(), *refund_hook(), *browser_return(), "HASH_KEY", "error"])


@settings(max_examples=2000)
@given(
    kind=st.sampled_from(list(GENUINE)),
    bundle=st.none() | mutated_bundles,
    changes=st.dictionaries(names, st.none() | values, max_size=4),
    order=st.sampled_from([ORDER, OTHER_ORDER, replace(ORDER, amount=Money(1, "USD"))]),
)
def test_no_mutation_of_a_message_is_proven(kind, bundle, changes, order):
    message = GENUINE[kind] if bundle is None else with_hash(GENUINE[kind], bundle)
    message = {name: text for name, text in (message | changes).items() if text is not None}
    assert_worthless(message, order)


@settings(max_examples=500)
@given(fields=st.lists(st.text(max_size=12), max_size=7), message=st.dictionaries(names, values))
def test_whatever_is_rightly_sealed_is_an_unproven_claim_or_refused(fields, message):
    assert_worthless(message | {"invoice_id": INVOICE, "hash_key": pack(*fields)})


# === WHAT IS KEPT === #


def test_nothing_vouches_for_a_second_number_of_the_order():
    hook = sale_hook(order_no="4111111111111111")
    assert "order_no" not in Platformode.keep(hook)
    assert Platformode.keep(browser_return())["order_no"] == ORDER_ID


@pytest.mark.parametrize("name", ["order_id", "order_no"])
def test_without_a_hash_no_number_of_the_order_is_kept(name):
    message = {"invoice_id": INVOICE, "payment_status": "1", name: "4111111111111111"}
    kept = {"invoice_id": INVOICE, "payment_status": "1"}
    assert Platformode.keep(message) == kept


@pytest.mark.parametrize("junk", ["!", "4111-1111-1111-1111", "?" * 10_000])
def test_nothing_is_hidden_in_a_hash(platformode, junk):
    """A lenient decoder skips what is not of its alphabet."""
    hook = sale_hook()
    iv, salt, text = hook["Hash_key"].split(":")
    with pytest.raises(Forged):
        platformode.read(hook | {"Hash_key": f"{iv}:{salt}:{junk}{text}"}, ORDER)
