using ActorLb.Node.Configuration;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class RoutePathTests
{
    [Theory]
    [InlineData("münchen.example", "xn--mnchen-3ya.example")]
    [InlineData("*.MÜNCHEN.example", "*.xn--mnchen-3ya.example")]
    [InlineData("Shop.example", "Shop.example")]
    public void A_host_of_other_letters_is_what_clients_send_for_it(string written, string host)
    {
        ConfigurationResult read = Reading.ReadWithPool($"routes = [{{ pool = web, host = \"{written}\", rewrite.host = \"{written.TrimStart('*', '.')}:81\" }}]");

        Assert.Empty(read.Mistakes);
        Assert.Equal(host, read.Settings!.Topology.Routes.Single().Host);
        Assert.Equal(host.TrimStart('*', '.') + ":81", read.Settings.Topology.Routes.Single().Filters.Rewrite.Host);
    }

    [Theory]
    [InlineData("/my%20files", "/my files")]
    [InlineData("/my files", "/my files")]
    [InlineData("/%C3%A4", "/ä")]
    [InlineData("/ä", "/ä")]
    [InlineData("/%61", "/a")]
    [InlineData("/x//y", "/x/y")]
    [InlineData("/x/./y", "/x/y")]
    [InlineData("/x/../y", "/y")]
    [InlineData("/a%2fb", "/a%2Fb")]
    [InlineData("/%e4", "/%E4")]
    [InlineData("/static/", "/static/")]
    public void A_path_means_what_it_means_in_requests(string written, string path)
    {
        ConfigurationResult read = Reading.ReadWithPool($"routes = [{{ pool = web, path = \"{written}\", rewrite.strip-prefix = \"{written}\" }}]");

        Assert.Empty(read.Mistakes);
        Assert.Equal(path, read.Settings!.Topology.Routes.Single().Path);
        Assert.Equal(path, read.Settings.Topology.Routes.Single().Filters.Rewrite.StripPrefix);
    }
}
