"""Platformode's `hash_key`: what is sealed and unsealed, what damage is mended, what is refused."""

import base64
import itertools
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from platformode_samples import HASHES, IV, MERCHANT_KEY, SALT, SEALED, SECRET, pack

from gateways.platformode.hash import seal, unseal

OF_MERCHANT_KEY = "getTransactions_password_is_sha1_of_merchant_key"
FORGED = "FORGED_iv_bitflip_of_resp_fail_must_not_be_trusted"
each_case = pytest.mark.parametrize("case", SEALED)
DAMAGES = {
    "none": lambda text: text,
    "a form took + for a blank": lambda text: text.replace("+", " "),
    "the padding is lost": lambda text: text.rstrip("="),
    "the slashes are bare": lambda text: text.replace("__", "/"),
}


def secret_of(case: str) -> str:
    return MERCHANT_KEY if case == OF_MERCHANT_KEY else SECRET


def fields_of(case: str) -> list[str]:
    return SEALED[case]["plain"].split("|")


def unsealed_or_refused(secret: str, bundle: str) -> list[str] | None:
    try:
        return unseal(secret, bundle)
    except ValueError:
        return None


# === THE VECTORS === #


@pytest.mark.parametrize("case", SEALED.keys() - {FORGED})
def test_fields_are_sealed_as_in_the_vectors(case):
    salt = SEALED[case].get("salt", SALT)
    sealed = seal(secret_of(case), *fields_of(case), iv=IV, salt=salt)
    assert sealed == HASHES[case]
    assert sealed == pack(*fields_of(case), secret=secret_of(case), salt=salt)


@each_case
def test_the_vectors_are_unsealed(case):
    assert unseal(secret_of(case), HASHES[case]) == fields_of(case)


def test_two_slashes_are_four_underscores():
    assert "____" in HASHES["double_slash"]
    assert "//" in SEALED["double_slash"]["base64_raw"]


def test_letters_of_turkish_are_utf_8():
    assert "ŞÜKRÜ ÖZ" in unseal(SECRET, HASHES["saveCard_utf8"])


def test_a_forged_bundle_cannot_be_told_from_a_genuine_one():
    """That is why nothing that comes in a bundle is ever believed."""
    assert unseal(SECRET, HASHES[FORGED]) == unseal(SECRET, HASHES["resp_ok"])
    assert HASHES[FORGED][1:] == HASHES["resp_fail"][1:]


# === IV AND SALT === #


def test_every_bundle_has_an_iv_and_a_salt_of_its_own():
    bundles = [seal(SECRET, "1", "2") for _ in range(20)]
    assert len({bundle.split(":")[0] for bundle in bundles}) == len(bundles)
    assert all(re.fullmatch(r"[0-9a-f]{16}:[0-9a-f]{4}:[\w+=]+", bundle) for bundle in bundles)
    assert all(unseal(SECRET, bundle) == ["1", "2"] for bundle in bundles)


@pytest.mark.parametrize("salt", ["0", "11629", "a1b2c3d4"])
def test_a_salt_may_have_any_length(salt):
    assert unseal(SECRET, pack("1", "5.00", salt=salt)) == ["1", "5.00"]


# === DAMAGE === #


@each_case
@pytest.mark.parametrize("damages", [*itertools.combinations(DAMAGES, 2)], ids=" and ".join)
def test_what_forms_and_addresses_do_to_a_bundle_is_mended(case, damages):
    bundle = HASHES[case]
    for damage in damages:
        bundle = DAMAGES[damage](bundle)
    assert unseal(secret_of(case), bundle) == fields_of(case)


@pytest.mark.parametrize("case", ["resp_fail", "sale_hook", "double_slash"])
def test_a_single_underscore_is_no_slash(case):
    with pytest.raises(ValueError):
        unseal(SECRET, HASHES[case].replace("__", "_"))


# === WHAT IS NO BUNDLE === #


@pytest.mark.parametrize(
    "bundle",
    [
        "",
        ":",
        "::",
        ":::",
        "3rter3dtrytyutuer5y5tyttrtryryry=",
        f"{IV}:{SALT}",
        f"{IV}:{SALT}:",
        f"{IV}:{SALT}:====",
        f"{IV}:{SALT}:a",
        f"{IV}:{SALT}:ş",
        f"{IV}:{SALT}:AAAA",
        f"{IV[:-1]}:{SALT}:{'A' * 64}",
        f"{IV}0:{SALT}:{'A' * 64}",
        f":{SALT}:{'A' * 64}",
        f"{'ş' * 16}:{SALT}:{'A' * 64}",
        f"{HASHES['resp_ok']}:x",
        pytest.param(f"\ud800{HASHES['resp_ok'][1:]}", id="half a letter in the IV"),
        pytest.param(f"{IV}:\ud800:{'A' * 64}", id="half a letter in the salt"),
        pytest.param(f"{IV}:{SALT}:\ud800", id="half a letter in the text"),
        f"{IV}:{SALT}:{base64.b64encode(bytes(16)).decode()}",
    ],
)
def test_garbage_is_refused(bundle):
    with pytest.raises(ValueError):
        unseal(SECRET, bundle)


@each_case
def test_another_secret_does_not_open_a_bundle(case):
    assert unsealed_or_refused("another secret", HASHES[case]) is None


def test_a_bundle_that_is_cut_short_is_not_read_as_it_was():
    for case, bundle in HASHES.items():
        for end in range(len(bundle.rstrip("="))):
            assert unsealed_or_refused(secret_of(case), bundle[:end]) != fields_of(case)


# === ANYTHING === #

texts = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=40)
bundles = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}:{}:{}".format,
        st.text(min_size=16, max_size=16) | st.just(IV),
        st.text(max_size=8),
        st.binary(max_size=96).map(lambda data: base64.b64encode(data).decode()) | st.text(),
    ),
)


@given(fields=st.lists(texts, min_size=1, max_size=7), secret=st.text("abc019", max_size=8))
def test_what_is_sealed_is_unsealed(fields, secret):
    bundle = seal(secret, *fields)
    assert "/" not in bundle
    assert unseal(secret, bundle) == fields
    assert unseal(secret, bundle.replace("+", " ").rstrip("=")) == fields


@settings(max_examples=1000)
@given(bundles)
def test_garbage_of_any_shape_raises_nothing_but_value_errors(bundle):
    unsealed_or_refused(SECRET, bundle)


@given(fields=st.lists(texts, min_size=4, max_size=5), other=st.text(max_size=20))
def test_no_other_secret_opens_what_is_sealed(fields, other):
    assume(other != SECRET)
    assert unsealed_or_refused(other, seal(SECRET, *fields, iv=IV, salt=SALT)) != fields
