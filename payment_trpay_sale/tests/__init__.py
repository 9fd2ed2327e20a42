from . import test_capture, test_desk, test_portal
