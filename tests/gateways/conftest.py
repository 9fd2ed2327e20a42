"""The gateways know no Odoo: here they are imported without it, as `gateways`.

These tests need neither a database nor the internet.
"""

import sys
from pathlib import Path

import pytest
import responses
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parents[2] / "payment_trpay"))

import paytr_samples
import platformode_samples

from gateways.paytr import PayTR
from gateways.platformode import Platformode
from gateways.platformode import hash as hash_module

settings.register_profile(
    "gateways",
    max_examples=30,
    deadline=None,
    derandomize=True,  # the same examples for everybody: a failure is never a matter of luck
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("gateways")


@pytest.fixture(autouse=True)
def direct_network(monkeypatch):
    """Whatever proxy or authorities this machine has, the tests do without."""
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def network():
    """The internet: what a test does not add to it is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def paytr() -> PayTR:
    return PayTR(paytr_samples.CREDENTIALS)


@pytest.fixture
def platformode() -> Platformode:
    """With an access token."""
    return Platformode(platformode_samples.CREDENTIALS, keyring=platformode_samples.HandedOut())


@pytest.fixture
def iv_and_salt_of_the_vectors(monkeypatch):
    drawn = {8: platformode_samples.IV, 2: platformode_samples.SALT}
    monkeypatch.setattr(hash_module.secrets, "token_hex", drawn.__getitem__)
