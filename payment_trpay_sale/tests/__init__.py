from . import test_capture, test_changes, test_desk, test_portal
