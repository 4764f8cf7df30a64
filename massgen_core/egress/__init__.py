"""What leaves a sandbox: who may be reached, at which address, saying what.

A backend whose sandbox has no network carries its connections here, one `Egress` for each sandbox, and nothing leaves
but by it. `massgen_core.egress.authority` has the `Authority` that inspection needs; it is imported apart.
"""

from __future__ import annotations

from massgen_core.egress.addresses import Address as Address
from massgen_core.egress.addresses import Resolve as Resolve
from massgen_core.egress.dialling import Dial as Dial
from massgen_core.egress.egress import Egress as Egress
from massgen_core.egress.policy import Denial as Denial
