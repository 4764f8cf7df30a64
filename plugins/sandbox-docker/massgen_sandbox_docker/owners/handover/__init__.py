"""A sandbox is handed to another process of the same user on this machine, which goes on with it.

What is handed over is the open stream to its first process: a new one could not be opened, for a container ends with
the first that was. Whose the container is its name says (see `adopted`), and only the giver changes it:

=========  ==========================================================================================================
taker      hello: its owner's id; the kernel says which process it is
giver      stops listening; sends the stream, and what the taker has to know
taker      has it
giver      changes the name: from here on it is the taker's
giver      yours
taker      thanks
=========  ==========================================================================================================

Before the name is changed a death of the giver is the sandbox's end, by its watchdog, and one of the taker is none.
After it, the other way round; a taker that dies before it says thanks has the name changed back. A taker that loses
the giver looks at the name: it goes on with what is its own, and leaves or ends what is not.
"""
