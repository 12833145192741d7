using System.Security.Cryptography;
using System.Text;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ClusterSecretReadingTests
{
    private readonly byte[] _first = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _second = RandomNumberGenerator.GetBytes(32);
    private UnixFileMode _mode = UnixFileMode.UserRead;

    [Fact]
    public void A_secret_is_written_in_base64_of_either_alphabet_or_in_hexadecimal_digits()
    {
        string base64 = Convert.ToBase64String(_first);
        foreach (string text in new[] { base64, base64.TrimEnd('='), base64.Replace('+', '-').Replace('/', '_'), Convert.ToHexString(_first) })
        {
            ConfigurationResult read = Reading.ReadWithPool($"cluster.secret = \"{text}\"");
            Assert.Empty(read.Mistakes);
            Assert.Equal(_first, Assert.Single(read.Settings!.Cluster.Secrets).Bytes.ToArray());
        }
    }

    [Fact]
    public void The_environment_may_hold_it()
    {
        ConfigurationResult read = Reading.ReadWithPool("cluster.host = \"10.0.0.1\"", ("ACTORLB_CLUSTER_SECRET", Convert.ToHexString(_first)));
        Assert.Empty(read.Mistakes);
        Assert.Single(read.Settings!.Cluster.Secrets);
        Assert.Empty(Reading.ReadWithPool("", ("ACTORLB_CLUSTER_SECRET", "")).Settings!.Cluster.Secrets);
    }

    [Fact]
    public void A_file_holds_one_a_line_in_their_order()
    {
        ConfigurationResult read = OfFile($"# since spring\r\n{Convert.ToHexString(_first)}\r\n\r\n  {Convert.ToBase64String(_second)}  \n");
        Assert.Empty(read.Mistakes);
        Assert.Empty(read.Warnings);
        Assert.Equal([_first, _second], read.Settings!.Cluster.Secrets.Select(s => s.Bytes.ToArray()));
    }

    [Fact]
    public void A_file_without_any_is_a_mistake()
    {
        Assert.Contains("'secret' holds no secret", Assert.Single(OfFile("# nothing\n").Mistakes).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite, "actorlb.cluster.secret-file: others than its owner may write 'secret'; expected mode 0600", true)]
    [InlineData(UnixFileMode.OtherWrite, "actorlb.cluster.secret-file: others than its owner may write 'secret'", true)]
    [InlineData(UnixFileMode.OtherRead, "actorlb.cluster.secret-file: everybody on this machine may read 'secret'; mode 0600", false)]
    public void What_others_may_do_with_the_file_is_told(UnixFileMode others, string text, bool isMistake)
    {
        _mode |= others;
        ConfigurationResult read = OfFile(Convert.ToHexString(_first));
        string told = isMistake ? Assert.Single(read.Mistakes).ToString() : Assert.Single(read.Warnings).ToString();
        Assert.Contains(text, told, StringComparison.Ordinal);
    }

    private ConfigurationResult OfFile(string content) => ConfigurationLoader.FromText(
        "node.conf",
        $"actorlb {{\n{Reading.OnePool}\ncluster.secret-file = secret\n}}",
        new ConfigurationEnvironment(_ => null, "machine", _ => Encoding.ASCII.GetBytes(content)) { ModeOf = _ => _mode });
}
