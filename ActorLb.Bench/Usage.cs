namespace ActorLb.Bench;

internal static class Usage
{
    public static int Show()
    {
        Console.Error.WriteLine("""
            actorlb-bench lane-vs-yarp [--rounds 7] [--seconds 4] [--connections 64]
                  processor time per request: the Kestrel lane against YARP's round robin, in interleaved rounds
            actorlb-bench sessions [--bindings 1000000] [--rate 20000] [--only lag,memory,lookup,idle,join,kill,restart]
                  three whole nodes with as many sessions: lag, memory, look-up, idle processor time, joining, kills
            actorlb-bench rebinds [--bindings 900000] [--rate 150] [--pairs 2000]
                  a backend with a third of all sessions dies, then a node: time added, homes, and the gap without owners
            actorlb-bench partitions [--trials 30] [--seed N] [--nodes 3..5] [--seconds 3..20] [--only groups|flapping|oneway|pair|pause|kill]
                  random cuts between node processes in network namespaces, clients on every side; needs root, iproute2, iptables
            actorlb-bench names [--trials 50] [--seed N] [--nodes 3..5] [--only there|growing|dead|late|slow|returned|readdressed|cut|alone]
                  nodes that find each other by a name of our own name server, which lies, fails and changes; needs root, iproute2, iptables
            actorlb-bench lane ADDRESS BACKEND...     the Kestrel lane alone, until it is killed
            actorlb-bench yarp ADDRESS BACKEND...     YARP's round robin alone, until it is killed
            """);
        return 2;
    }
}
