using System.Net;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Clients that go on sending a cookie of the application whose session an operator ended.</summary>
public abstract class DroppedCookieTests(ListenerEngine engine)
{
    private static readonly LaneOptions Learn = new() { Affinity = AffinityMode.Learn };

    [Theory]
    [InlineData("/", "theme=dark; Path=/|JSESSIONID=; Max-Age=0; Path=/")]
    [InlineData("/private", "theme=dark; Path=/|JSESSIONID=; Max-Age=0; Path=/")]
    [InlineData("/public", "theme=dark; Path=/")]
    [InlineData("/begin", "JSESSIONID=new; Path=/")]
    [InlineData("/drop", "JSESSIONID=; Max-Age=0; Path=/app")]
    [InlineData("/like", "JSESSIONIDS=1|JSESSIONID=; Max-Age=0; Path=/")]
    public async Task They_are_told_to_drop_it_unless_the_answer_sets_it_or_a_cache_may_keep_that(string path, string expected)
    {
        await using SampleBackend a = await SampleBackend.StartAsync(Answer);
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        await SetAsync(lane, "/old");
        Assert.Equal(["theme=dark; Path=/"], await SetAsync(lane, "/", "JSESSIONID=old"));
        End(lane, "JSESSIONID=old");

        Assert.Equal(expected.Split('|'), await SetAsync(lane, path, "JSESSIONID=old"));
        Assert.Equal(["theme=dark; Path=/"], await SetAsync(lane, "/"));
    }

    [Fact]
    public async Task Who_sends_that_of_another_session_beside_it_keeps_both()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(Answer);
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        foreach (string value in (string[])["old", "begin"])
        {
            await SetAsync(lane, "/" + value);
            await SetAsync(lane, "/", "JSESSIONID=" + (value == "begin" ? "new" : value));
        }

        End(lane, "JSESSIONID=old");
        Assert.Equal(["theme=dark; Path=/"], await SetAsync(lane, "/", "JSESSIONID=old; JSESSIONID=new"));
    }

    private static void End(TestLane lane, string cookie)
    {
        SessionId id = PresentedSession.Find(lane.Plane.Routing.Pools["web"], cookie).Id;
        lane.Plane.Tables["web"].Note(Binding.Ended(id, lane.Plane.Clock.Now));
    }

    private static Task Answer(HttpContext context)
    {
        string path = context.Request.Path;
        context.Response.Headers.CacheControl = path == "/public" ? "public, max-age=60" : path == "/private" ? "private" : "";
        context.Response.Headers.SetCookie = path switch
        {
            "/old" => "JSESSIONID=old; Path=/",
            "/begin" => "JSESSIONID=new; Path=/",
            "/drop" => "JSESSIONID=; Max-Age=0; Path=/app",
            "/like" => "JSESSIONIDS=1",
            _ => "theme=dark; Path=/",
        };
        return context.Response.WriteAsync("a");
    }

    private static async Task<string[]> SetAsync(TestLane lane, string path, string? cookie = null)
    {
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, path, cookie);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. answer.Headers.GetValues("Set-Cookie")];
    }
}
