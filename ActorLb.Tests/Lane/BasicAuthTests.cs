using System.Text;
using ActorLb.Engine.Passwords;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Passwords;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Routes that ask for a name and a password.</summary>
public abstract class BasicAuthTests(ListenerEngine engine) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-test-").FullName;

    private string Users => Path.Combine(_folder, "users");

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_request_without_them_is_asked_for_them_and_the_backend_hears_nothing()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, realm: "The \"staff\" \\ only");
        string answer = await GetAsync(lane, "");

        Assert.StartsWith("HTTP/1.1 401 Unauthorized\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nX-ActorLb-Reason: not-authorized\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nWWW-Authenticate: Basic realm=\"The \\\"staff\\\" \\\\ only\", charset=\"UTF-8\"\r\n", answer, StringComparison.Ordinal);
        Assert.Empty(backend.Seen);
    }

    [Theory]
    [InlineData("alice", HtpasswdFile.AlicePassword, true)]
    [InlineData("jürgen", HtpasswdFile.JuergenPassword, false)]
    [InlineData("carol", HtpasswdFile.CarolPassword, true)]
    public async Task A_request_with_them_goes_on_with_its_field_or_without_it_as_the_route_says(string name, string password, bool passes)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, passes: passes);
        string field = $"bASIC  {Encode($"{name}:{password}")}";
        for (int i = 0; i < 3; i++)
        {
            Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, $"aUTHORIZATION: {field}\r\n"), StringComparison.Ordinal);
        }

        Assert.Equal(3, backend.Seen.Count);
        Assert.All(backend.Seen, s => Assert.Equal(passes ? field : null, s["Authorization"]));
    }

    [Theory]
    [InlineData("Basic " + "YWxpY2U6c2VjcmV", "base64 without its end")]
    [InlineData("Basic YWxp Y2U6c2VjcmV0", "a blank within")]
    [InlineData("Basic", "no credentials")]
    [InlineData("Basic ", "empty credentials")]
    [InlineData("YWxpY2U6c2VjcmV0", "no scheme")]
    [InlineData("Bearer YWxpY2U6c2VjcmV0", "another scheme")]
    [InlineData("Negotiate YWxpY2U6c2VjcmV0", "a scheme of connections")]
    [InlineData("Basic YWxpY2U6c2VjcmV0, Basic YWxpY2U6c2VjcmV0", "a list")]
    [InlineData("Basic YWxpY2VzZWNyZXQ=", "no colon")]
    [InlineData("Basic YWxpY2U6c2VjcmV0AA==", "a NUL behind the password")]
    [InlineData("Basic YWxpY2UAOnNlY3JldA==", "a NUL behind the name")]
    [InlineData("Basic YWxpY2U6c2VjcmV0Cg==", "a line's end")]
    [InlineData("Basic auly:cmdlbjpw5A==", "no base64")]
    [InlineData("Basic avxyZ2VuOnDkc3N39nJkOng=", "ISO 8859-1")]
    [InlineData("Basic YWxpY2U6d3Jvbmc=", "a wrong password")]
    [InlineData("Basic bm9ib2R5OnNlY3JldA==", "nobody")]
    [InlineData("Basic Og==", "nothing but a colon")]
    public async Task What_is_no_pair_of_the_file_is_refused(string field, string what)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend);

        Assert.True((await GetAsync(lane, $"Authorization: {field}\r\n")).StartsWith("HTTP/1.1 401", StringComparison.Ordinal), what);
        Assert.Empty(backend.Seen);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_fields_and_long_ones_are_refused()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend);

        foreach (string fields in (string[])
        [
            Alice + Alice,
            Alice + "Authorization: \r\n",
            $"Authorization: Basic {Encode($"alice:{new string('x', 6000)}")}\r\n",
            $"Authorization: Basic {Encode($"{new string('x', 1024)}:")}\r\n",
        ])
        {
            Assert.StartsWith("HTTP/1.1 401", await GetAsync(lane, fields), StringComparison.Ordinal);
        }

        Assert.Empty(backend.Seen);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_that_are_wrong_are_429_and_whoever_has_signed_in_goes_on()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);
        string answer = "";
        for (int i = 0; i < 10 * PasswordChecks.FailuresMax && !answer.StartsWith("HTTP/1.1 429", StringComparison.Ordinal); i++)
        {
            answer = await GetAsync(lane, Field("alice", $"wrong{i}"));
        }

        Assert.StartsWith("HTTP/1.1 429 Too Many Requests\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nX-ActorLb-Reason: auth-failed-often\r\n", answer, StringComparison.Ordinal);
        Assert.Matches("\r\nRetry-After: [123]\r\n", answer);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401", await GetAsync(lane, ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_taken_out_of_the_file_is_out_and_a_bad_file_leaves_what_was_before()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);

        Replace(HtpasswdFile.Alice + "\nbob:plain\n");
        await TestLane.UntilAsync(() => lane.Group.CertificateProblems.Count > 0);
        Assert.Equal("routes[0].auth.basic.users-file", lane.Group.CertificateProblems[0].Key);
        Assert.Equal($"'{Users}', line 2: what 'bob' has is no hash of bcrypt, but crypt or plain text", lane.Group.CertificateProblems[0].Problem);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Field("carol", HtpasswdFile.CarolPassword)), StringComparison.Ordinal);

        Replace(HtpasswdFile.Carol + "\n");
        await TestLane.UntilAsync(() => lane.Group.CertificateProblems.Count == 0);
        Assert.StartsWith("HTTP/1.1 401", await GetAsync(lane, Alice), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Field("carol", HtpasswdFile.CarolPassword)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_behind_the_links_of_a_mounted_folder_is_followed()
    {
        string Version(string name, string text)
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            File.WriteAllText(Path.Combine(folder, "users"), text);
            return folder;
        }

        string data = Path.Combine(_folder, "..data");
        File.CreateSymbolicLink(data, Version("..1", HtpasswdFile.Alice));
        File.CreateSymbolicLink(Users, Path.Combine("..data", "users"));
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, text: null);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);

        string next = Version("..2", HtpasswdFile.Carol);
        File.Delete(data);
        File.CreateSymbolicLink(data, next);
        string answer = "";
        await TestLane.UntilAsync(() => (answer = GetAsync(lane, Alice).GetAwaiter().GetResult()).StartsWith("HTTP/1.1 401", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Field("carol", HtpasswdFile.CarolPassword)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topology_whose_users_cannot_be_used_is_refused_and_one_with_others_in_the_file_goes_by_them_at_once()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend);
        string gone = Path.Combine(_folder, "gone");
        UsersFileException refusal = await Assert.ThrowsAsync<UsersFileException>(() => lane.ApplyAsync((Topology t) => t with
        {
            Routes = [t.Routes[0], t.Routes[0] with { Host = "b.test", Filters = Asking(gone, "x", true) }],
        }));
        Assert.Equal($"routes[1].auth.basic.users-file: there is no file '{gone}'", refusal.Message);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Alice), StringComparison.Ordinal);

        await File.WriteAllTextAsync(Users, HtpasswdFile.Carol);
        await lane.ApplyAsync((Topology t) => t with { Routes = [t.Routes[0], t.Routes[0] with { Host = "b.test", Filters = Asking(Users, "x", false) }] });

        foreach (string host in (string[])["outer.test", "b.test"])
        {
            Assert.StartsWith("HTTP/1.1 401", await GetAsync(lane, Alice, host), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane, Field("carol", HtpasswdFile.CarolPassword), host), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_behind_each_other_on_one_connection_are_each_asked()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c =>
        {
            c.Response.ContentLength = 1;
            return c.Response.WriteAsync("a");
        });
        await using TestLane lane = await StartAsync(backend);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        string[] fields = ["", Alice, Field("carol", HtpasswdFile.CarolPassword), Field("carol", "x"), Alice];
        await client.SendAsync(string.Concat(fields.Select(f => $"GET / HTTP/1.1\r\nHost: outer.test\r\n{f}\r\n")));

        string[] statuses = new string[fields.Length];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (await client.ReadAnswerAsync()).Head.Split(' ')[1];
        }

        Assert.Equal(["401", "200", "200", "401", "200"], statuses);
    }

    private static string Alice => Field("alice", HtpasswdFile.AlicePassword);

    private static string Field(string name, string password) => $"Authorization: Basic {Encode($"{name}:{password}")}\r\n";

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Task<string> GetAsync(TestLane lane, string fields, string host = "outer.test") =>
        RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n");

    // Whoever looks meanwhile finds no file that is empty.
    private void Replace(string text)
    {
        string next = Path.Combine(_folder, "next");
        File.WriteAllText(next, text);
        File.Move(next, Users, overwrite: true);
    }

    private static RouteFilterSettings Asking(string file, string realm, bool passes) =>
        RouteFilterSettings.None with { BasicAuth = new BasicAuthSettings(file, realm, passes) };

    private async Task<TestLane> StartAsync(SampleBackend backend, string? text = HtpasswdFile.Text, string realm = "Restricted", bool passes = true)
    {
        if (text is not null)
        {
            await File.WriteAllTextAsync(Users, text);
        }

        return await TestLane.StartAsync(engine, new LaneOptions { Conditions = r => r with { Filters = Asking(Users, realm, passes) } }, backend.Address);
    }
}
