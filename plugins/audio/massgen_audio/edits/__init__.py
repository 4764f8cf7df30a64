"""Changes to sounds, each on blocks that go by: hours fit into little memory, and every sample is accounted for."""
