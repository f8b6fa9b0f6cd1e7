"""Crashes of plugins that come and go while the server runs."""

import http.client
import os
import signal

from driver import main
from swap_site import SwapSite


class Crashes(SwapSite):
    def crash_thrice(self, s):
        broken = OSError, AssertionError, http.client.HTTPException
        for _ in range(3):
            who = self.eventually(lambda: s.text("/who"), *broken)
            self.assertEqual(self.eventually(lambda: s.get("/crash"), *broken)[0], 500)
            # two in one worker are one crash
            self.eventually(lambda: self.assertNotEqual(s.text("/who"), who), *broken)
        self.log_line(s, "until: cruet plugins clear shift")

    def test_one_that_was_loaded_by_name_is_quarantined_as_well(self):
        s = self.serve("-w", "1", plugins={})
        self.assertEqual(self.cruet("load", "shift").code, 0)
        self.crash_thrice(s)
        self.eventually(lambda: self.assertEqual(s.get()[0], 503), OSError, AssertionError)
        self.assertRegex(self.cruet("plugins", "list").out, r"(?m)^shift +1 +quarantined")
        # another file is not closed, neither in this worker nor in the next
        self.swap("2")
        self.assertEqual(s.text(), "2")
        os.kill(int(s.text("/who")), signal.SIGKILL)
        self.eventually(lambda: self.assertEqual(s.text(), "2"), OSError, AssertionError,
                        http.client.HTTPException)
        self.assertEqual(s.stop()[0], 0)


if __name__ == "__main__":
    main()
