using ActorLb.Node.Configuration;
using ActorLb.Tests.Configuration;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class KeysSecretTests
{
    [Fact]
    public async Task It_prints_a_secret_that_a_configuration_takes_and_never_the_same_one()
    {
        var first = new CommandRun();
        var second = new CommandRun();
        Assert.Equal(0, await first.RunAsync("keys", "secret"));
        Assert.Equal(0, await second.RunAsync("keys", "secret"));
        string secret = first.Out.Trim();
        Assert.Equal(43, secret.Length);
        Assert.NotEqual(secret, second.Out.Trim());
        ConfigurationResult read = Reading.ReadWithPool($"cluster.secrets = [{secret}, {second.Out.Trim()}]");
        Assert.Empty(read.Mistakes);
        Assert.Equal(2, read.Settings!.Cluster.Secrets.Length);
        Assert.DoesNotContain(secret, read.Settings.ToString(), StringComparison.Ordinal);
    }
}
