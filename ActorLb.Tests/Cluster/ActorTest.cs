using Akka.TestKit.Xunit2;

namespace ActorLb.Tests.Cluster;

/// <summary>Of actors in a system of its own. What is to come is waited for as long as a busy machine may take; the bound is no expectation.</summary>
/// <param name="config">Of the system, in HOCON.</param>
public abstract class ActorTest(string config = "") : TestKit("akka.test.single-expect-default = 30s\n" + config);
