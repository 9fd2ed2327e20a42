from . import test_capture, test_portal
