"""`python -m coursekit` is the command `coursekit`."""

import sys

from coursekit.commands import main

sys.exit(main())
