using System.Globalization;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Configuration.Formats;
using Xunit;

namespace ActorLb.Tests.Configuration;

/// <summary>Whatever somebody wrote, or gives in the place of a file, is told in bounded words.</summary>
public sealed class LargeConfigurationTests
{
    [Fact]
    public void Of_very_many_mistakes_the_first_are_told_and_how_many_more_there_are()
    {
        string keys = string.Join('\n', Enumerable.Range(0, 80_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"limits.wrong-{i} = 1")));
        ConfigurationResult read = Reading.ReadWithPool(keys);
        Assert.Equal(ConfigurationFindings.ToldMax + 1, read.Mistakes.Length);
        Assert.Contains("limits.wrong-0: unknown key", read.Mistakes[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("node.conf: and 79,900 more mistakes; expected those above mended first", read.Mistakes[^1].ToString());
    }

    [Theory]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(101, 101)]
    [InlineData(1000, 101)]
    [InlineData(1001, 101)]
    public void A_hundred_are_told(int written, int told)
    {
        string keys = string.Join('\n', Enumerable.Range(0, written).Select(i => string.Create(CultureInfo.InvariantCulture, $"limits.wrong-{i} = 1")));
        ConfigurationResult read = Reading.ReadWithPool(keys);
        Assert.Equal(told, read.Mistakes.Length);
        Assert.Equal(written > 100, read.Mistakes[^1].Problem == $"and {(written - 100).ToString("N0", CultureInfo.InvariantCulture)} more mistakes");
    }

    [Fact]
    public void A_pool_of_very_many_backends_is_read()
    {
        string backends = string.Join(", ", Enumerable.Range(0, 36_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"http://10.{i / 62500}.{i / 250 % 250}.{i % 250}:80\"")));
        ConfigurationResult read = Reading.Read($"pools.web.backends = [{backends}]");
        Assert.Empty(read.Mistakes);
        Assert.Equal(36_000, read.Settings!.Topology.Pools["web"].Backends.Length);
    }

    [Theory]
    [InlineData("/dev/zero", "it is a device, a pipe or a socket, and no file")]
    [InlineData("/dev/null", "it is a device, a pipe or a socket, and no file")]
    [InlineData("large", "it is larger than 8388608 bytes")]
    public void What_is_no_file_or_too_large_is_a_mistake_at_once(string path, string problem)
    {
        if (path == "large")
        {
            path = Path.GetTempFileName();
            using FileStream file = File.OpenWrite(path);
            file.SetLength(5L << 30);
        }

        try
        {
            ConfigurationMistake mistake = Assert.Single(ConfigurationLoader.Load([path]).Mistakes);
            Assert.Contains(problem, mistake.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            if (path[1] != 'd')
            {
                File.Delete(path);
            }
        }
    }

    [Fact]
    public void What_is_longer_than_any_name_is_near_to_none() =>
        Assert.Null(NearestName.Of(new string('a', 1 << 20), [new string('a', 100), "b"]));
}
