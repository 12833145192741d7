using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorLb.ProcessTests;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>The dashboard of three nodes with three sample backends, in Chromium.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    private const string Operate = "operate-with-this-4711";
    private const string Look = "look-with-this-only-0815";

    private const string Tokens =
        $$"""admin.tokens = [ { name = ops, token = "{{Operate}}", role = operate }, { name = viewer, token = "{{Look}}", role = read } ]""";

    /// <summary>Where the pictures of the documentation are written to; where it is not set they are made all the same, and thrown away.</summary>
    private const string ImagesVariable = "ACTORLB_DASHBOARD_IMAGES";

    private const int ImageBytesMax = 200_000;

    private LoopbackCluster _cluster = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        string chromium = Programs.Chromium;
        _cluster = await LoopbackCluster.StartAsync(extra: Tokens, token: Operate);
        for (int i = 0; i < _cluster.BackendPorts.Count; i++)
        {
            await _cluster.WhenBackendIsAsync(i, "up");
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_backend_is_told_with_its_reason_and_all_is_well_when_it_is_back()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        await somebody.WhenSaidAsync("main h1", "All is well");

        _cluster.Kill(LoopbackCluster.BackendName(1));
        await somebody.WhenSaidAsync(".trouble[data-tone=bad] .trouble-title", $"{Backend(1)} is down");
        await somebody.WhenSaidAsync(".trouble[data-tone=bad] .trouble-why", "refused");
        await somebody.WhenSaidAsync(".trouble[data-tone=bad] .trouble-done", "New sessions go to the 2 that are left");
        await somebody.Page.Locator(".flow-node[data-tone=bad]").First.WaitForAsync();
        await somebody.WhenSaidAsync("#announce", "is down");

        await _cluster.StartBackendAsync(1);
        await somebody.WhenSaidAsync("main h1", "All is well");
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task A_drain_counts_down_and_is_undone_by_a_button()
    {
        // Thirty at each server: at one a second some are left for as long as anybody looks.
        await BeginSessionsAsync(90);
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, Route(0));

        // Before the server is known to the page, its buttons do nothing.
        await somebody.WhenSaidAsync(".facts", "http://");
        await somebody.Page.ClickAsync("text=Drain…");
        await somebody.Page.CheckAsync("#f-move");
        await somebody.Page.FillAsync("#f-rate", "1");
        await somebody.Page.ClickAsync("dialog button[type=submit]");
        await somebody.WhenSaidAsync(".drain-count", "session");
        int left = await LeftAsync(somebody);
        await somebody.UntilAsync($"parseInt(document.querySelector('.drain-count').textContent) < {left.ToString(CultureInfo.InvariantCulture)}");

        await somebody.Page.ClickAsync(".toast >> text=Undo");
        await somebody.WhenSaidAsync(".facts", "takes them");
        await _cluster.Until("it is ready again", async () => (await _cluster.StatusAsync(1)).GetProperty("pools")[0].GetProperty("backends")[0].GetProperty("operator").GetString() == "ready");
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task A_backend_that_the_node_does_not_have_is_asked_for_once_and_what_is_put_together_names_a_node_once()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        int asked = 0;
        somebody.Page.Request += (_, request) => asked += request.Url.Contains("/pools/web/backends/nobody", StringComparison.Ordinal) || request.Url.Contains("backend=nobody", StringComparison.Ordinal) ? 1 : 0;
        await somebody.Page.EvaluateAsync("window.beats = []; const real = window.setInterval; window.setInterval = (beat, every) => { window.beats.push(beat); return real(beat, every); }; location.hash = '#/backend/web/nobody';");
        await somebody.WhenSaidAsync(".empty", "There is no backend web/nobody any more");
        int first = asked;
        Assert.Equal(2, await somebody.Page.EvaluateAsync<int>("(window.beats.forEach(beat => { beat(); beat(); }), window.beats.length)"));
        Assert.Equal(first, asked);

        Assert.Equal(
            "because: more requests come|at lb2, asked for by ops, because: lb1: more requests come",
            await somebody.Page.EvaluateAsync<string>("""
                async () => {
                  const { whence } = await import("./assets/event-list.js");
                  const why = "lb1: more requests come";
                  return [whence({ node: "lb1", text: "lb1: rate is over" }, why), whence({ node: "lb2", text: "web/a drains", who: "ops" }, why)].join("|");
                }
                """));
        Assert.Equal(
            "web/a drains.|Nothing lies over what is written.",
            await somebody.Page.EvaluateAsync<string>("""
                async () => {
                  const { decisionsText } = await import("./assets/decisions.js");
                  const states = [{ pool: "web", backend: "a", operator: "draining" }];
                  return [decisionsText({ overlays: [], states, differences: [] }), decisionsText({ overlays: [], states: [], differences: [] })].join("|");
                }
                """));
    }

    [Fact]
    public async Task A_weight_is_set_and_set_back()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[1].Admin, Operate, Route(2));
        await somebody.WhenSaidAsync(".facts", "http://");
        await somebody.Page.ClickAsync("text=Weight…");
        await somebody.Page.FillAsync("#f-weight", "7");
        await somebody.Page.ClickAsync("dialog button[type=submit]");
        await somebody.WhenSaidAsync(".facts", "7 (an operator's: weight)");
        await somebody.Page.ClickAsync(".toast >> text=Undo");
        await _cluster.Until("it has its weight again", async () => (await _cluster.StatusAsync(0)).GetProperty("pools")[0].GetProperty("backends")[2].GetProperty("weight").GetInt32() == 1);
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task Who_may_only_look_sees_all_and_no_buttons()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Look, Route(0));
        await somebody.WhenSaidAsync(".facts", "http://");
        Assert.Equal(0, await somebody.Page.Locator("main button:has-text('Drain'), main button:has-text('Ready'), main button:has-text('Maintenance'), main button:has-text('Weight')").CountAsync());
        await somebody.GoAsync("/topology");
        await somebody.WhenSaidAsync(".layers", "Files of");
        Assert.Equal(0, await somebody.Page.Locator("main button:has-text('Roll back'), main button:has-text('Drop'), main button:has-text('Show')").CountAsync());
        int status = await somebody.Page.EvaluateAsync<int>(
            "path => fetch(path, { method: 'POST', headers: { 'X-ActorLb-Dashboard': localStorage.getItem('actorlb-page-half /') } }).then(a => a.status)", $"api/v1/pools/web/backends/{Uri.EscapeDataString(Id(0))}/drain");
        Assert.Equal(403, status);
    }

    [Fact]
    public async Task A_wrong_token_is_told_and_who_logs_out_is_out()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        await somebody.LogOutAsync();
        await somebody.Page.FillAsync("#token", "no token of anybody");
        await somebody.Page.ClickAsync("form.log-in button");
        await somebody.WhenSaidAsync(".log-in .problem", "not the right one");
        Assert.Equal(401, await somebody.Page.EvaluateAsync<int>("() => fetch('api/v1/status', { headers: { 'X-ActorLb-Dashboard': '1' } }).then(a => a.status)"));
        await somebody.LogInAsync(Operate);
        await somebody.WhenLiveAsync();
        Assert.DoesNotContain(Operate, somebody.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_in_is_good_in_another_tab_and_its_cookie_alone_opens_nothing()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        IPage other = await somebody.Page.Context.NewPageAsync();
        await other.GotoAsync(_cluster.Nodes[0].Admin.ToString());
        await other.Locator(".beat[data-state=live]").WaitForAsync();
        Assert.Equal(401, await other.EvaluateAsync<int>("() => fetch('api/v1/status', { headers: { 'X-ActorLb-Dashboard': '1' } }).then(a => a.status)"));
        await somebody.LogOutAsync();
        await other.Locator("form.log-in").WaitForAsync();
        Assert.Equal(0, await other.EvaluateAsync<int>("localStorage.length"));
    }

    [Fact]
    public async Task Nodes_of_one_host_that_share_a_secret_hand_the_log_in_on_and_no_address_keeps_it()
    {
        string secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await using LoopbackCluster sharing = await LoopbackCluster.StartAsync(nodes: 3, backends: 1, extra: $"{Tokens}\ncluster.secret-file = \"{secret}\"", token: Operate);
        Operator somebody = await Operator.OpenAsync(_browser, sharing.Nodes[0].Admin, Operate, "/cluster");
        await somebody.Page.ClickAsync($"main table a[href^='{sharing.Nodes[1].Admin}']");
        await somebody.WhenAtAsync(sharing.Nodes[1].Admin);
        await somebody.WhenLiveAsync();
        Assert.EndsWith("#/cluster", somebody.Page.Url, StringComparison.Ordinal);

        // Whoever has both at the second node did not end the first one's page.
        IPage first = await somebody.Page.Context.NewPageAsync();
        await first.GotoAsync(sharing.Nodes[0].Admin.ToString());
        await first.Locator(".beat[data-state=live]").WaitForAsync();

        // A half that somebody made up does not take its place.
        await first.GotoAsync($"{sharing.Nodes[0].Admin}?again#/events?half=made-up");
        await first.Locator(".beat[data-state=live]").WaitForAsync();
        Assert.EndsWith("#/events", first.Url, StringComparison.Ordinal);
        sharing.Kill("lb2");
        await somebody.Page.WaitForURLAsync(url => !url.StartsWith(sharing.Nodes[1].Admin.ToString(), StringComparison.Ordinal));
        await somebody.WhenLiveAsync();
        await somebody.WhenSaidAsync(".toast", "lb2 does not answer since");
        Assert.DoesNotContain("half", somebody.Page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/%E0%A4%A", "#/", "Overview")]
    [InlineData("/backend/%", "#/", "Overview")]
    [InlineData("/backend", "#/", "Overview")]
    [InlineData("/backend/web", "#/", "Overview")]
    [InlineData("/backends/web/web-2", "#/", "Overview")]
    [InlineData("/constructor", "#/", "Overview")]
    [InlineData("/nodes", "#/cluster", "Nodes")]
    public async Task An_address_that_names_no_view_leads_to_the_overview_and_is_corrected(string route, string corrected, string title)
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, route);
        await somebody.UntilAsync($"document.title.includes('{title}')");
        Assert.Equal(corrected, new Uri(somebody.Page.Url).Fragment);
        await somebody.GoAsync("/events");
        await somebody.UntilAsync("document.title.includes('Events')");
        await somebody.GoAsync(route);
        await somebody.UntilAsync($"document.title.includes('{title}') && location.hash === '{corrected}'");
        Assert.DoesNotContain("undefined", await somebody.Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task The_page_says_of_no_node_that_it_does_not_know_that_it_is_gone()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, null, "/?from=ANY%20TEXT&at=1", isOut: true);
        Assert.DoesNotContain("ANY TEXT", await somebody.Page.InnerTextAsync("body"), StringComparison.Ordinal);
        await somebody.LogInAsync(Operate);
        await somebody.WhenLiveAsync();
        await somebody.GoAsync("/?from=ANY%20TEXT&at=1");
        await somebody.GoAsync("/?from=lb3&at=1");
        await somebody.WhenSaidAsync(".toast", "lb3 does not answer");
        Assert.Equal(1, await somebody.Page.Locator(".toast").CountAsync());
        Assert.Equal("#/", new Uri(somebody.Page.Url).Fragment);
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task An_earlier_revision_is_given_once_more()
    {
        // A revision has one address of a listener for all nodes: those beside each other cannot go by it.
        await using LoopbackCluster alone = await LoopbackCluster.StartAsync(nodes: 1, backends: 1, extra: Tokens, token: Operate);
        await ApplyAsync(alone, "91s");
        await ApplyAsync(alone, "92s");
        Operator somebody = await Operator.OpenAsync(_browser, alone.Nodes[0].Admin, Operate, "/topology");
        await somebody.Page.ClickAsync("[data-rollback='1']");
        await somebody.WhenSaidAsync("dialog", "limits.idle-timeout");
        await somebody.Page.ClickAsync("dialog button[type=submit]");
        await somebody.WhenSaidAsync(".toast", "Revision 3 is in force");
        await alone.Until("it is in force", async () =>
            (await alone.Client.GetStringAsync(new Uri(alone.Nodes[0].Admin, "/api/v1/topology"))).Contains("91s", StringComparison.Ordinal));
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task The_page_goes_on_at_another_node_when_its_own_is_killed()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, "/cluster");
        await somebody.WhenSaidAsync("main table", "lb3");
        _cluster.Kill("lb1");
        await somebody.Page.WaitForURLAsync(url => !url.StartsWith(_cluster.Nodes[0].Admin.ToString(), StringComparison.Ordinal));

        // These nodes share no secret: the other one does not know the log-in.
        await somebody.WhenSaidAsync(".log-in", "The node from which you come does not answer any more");
        await somebody.LogInAsync(Operate);
        await somebody.WhenSaidAsync(".toast", "lb1 does not answer since");
        await somebody.WhenSaidAsync(".trouble .trouble-title", "lb1");
        Assert.Contains("#/cluster", somebody.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_found_by_what_its_client_presents()
    {
        string cookie = (await BeginSessionsAsync(1))[0];
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, "/sessions");
        await somebody.Page.FillAsync("#cookie", cookie);
        await somebody.Page.ClickAsync("text=Look it up");
        await somebody.WhenSaidAsync(".found", "Lives at");
        Assert.DoesNotContain(cookie, somebody.Page.Url, StringComparison.Ordinal);
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task Of_sessions_that_nobody_has_counted_the_page_does_not_say_that_there_are_none()
    {
        string nothing = string.Join(',', Enumerable.Repeat("null", 354));
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        await somebody.Page.RouteAsync("**/api/v1/figures?session=*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = $$"""{"requests":[{{nothing}},{{(route.Request.Url.Contains("moved-down", StringComparison.Ordinal) ? "null,1,2,0,3,0" : "null,null,null,null,null,null")}}],"begins":[{"node":"lb1","at":"2027-01-15T08:10:01+00:00"}]}""",
        }));
        await somebody.GoAsync("/sessions");
        await somebody.WhenSaidAsync("main", "The highest bar is 3 sessions in half a minute.");
        Assert.Equal(["6", "–", "–", "–", "–", "–"], await somebody.Page.Locator(".chart-legend b").AllInnerTextsAsync());
        await somebody.WhenSaidAsync("main", "lb1 counts since");
        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task No_view_has_a_serious_finding_and_each_fits_in_any_window()
    {
        foreach ((int width, ColorScheme scheme) in ((int, ColorScheme)[])[(1440, ColorScheme.Light), (375, ColorScheme.Dark), (375, ColorScheme.Light), (1440, ColorScheme.Dark)])
        {
            Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, width: width, scheme: scheme);
            foreach (string route in (string[])["/", "/backends", Route(0), "/cluster", "/sessions", "/topology", "/events"])
            {
                await somebody.GoAsync(route);
                AxeResult found = await LookedOverAsync(somebody);
                Assert.Equal($"{route}\n", $"{route}\n{Told(found.Violations.Where(v => v.Impact is "serious" or "critical"))}");
                Assert.Equal((route, width), (route, await somebody.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
            }

            Assert.Empty(somebody.Errors);
            await somebody.Page.Context.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_backend_that_fails_is_coloured_as_what_leads_to_it_and_labels_stand_out_from_what_flows_below_them()
    {
        foreach ((ColorScheme scheme, string surface) in ((ColorScheme, string)[])[(ColorScheme.Light, "rgb(255, 255, 255)"), (ColorScheme.Dark, "rgb(21, 29, 26)")])
        {
            Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, width: 1280, scheme: scheme);
            string drawn = await somebody.Page.EvaluateAsync<string>("""
                async () => {
                  const { overview } = await import("./assets/views/overview.js");
                  const f = { requests: 10, failures: 1, recentRequests: 100, recentFailures: 7, p50: 1, p95: 2, p99: 3 };
                  const backend = (id, failures, why) => [id, "up", "ready", true, 1, 0, 25, failures, 1, 3, 0, 0, 0, 0, 0, why, 2];
                  const view = overview({ live: { subscribe() {} } });
                  const trouble = { key: "failing:web", severity: "error", since: "2027-01-15T07:59:50Z", title: "28 % of what web/a is asked fails", why: "", done: "", pool: "web", backend: "a" };
                  document.body.append(view.element);
                  view.element.style.width = "1280px";
                  view.update({
                    node: "lb1", time: "2027-01-15T08:00:00Z", sessions: 0, troubles: [trouble], all: f, lost: [],
                    nodes: [{ name: "lb1", address: "a", status: "up", reachable: true, clients: 0, sees: [], ...f }],
                    listeners: [{ name: "public", bind: "0.0.0.0:80", tls: false, open: 0, ...f }],
                    routes: [{ key: "*/", host: "*", path: "/", pools: ["web"], listeners: [], ways: [{ pool: "web", recentRequests: 100 }], ...f }],
                    pools: [{ name: "web", balance: "round-robin", backends: [backend("a", 7, "28 % of what it is asked fails"), backend("b", 0, ""), backend("c", 0, ""), backend("d", 0, "")], ...f }],
                  });
                  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                  const tones = [...view.element.querySelectorAll(".flow-node")].map(n => `${n.querySelector(".flow-name").textContent} ${n.dataset.tone}`);
                  const label = getComputedStyle(view.element.querySelector(".flow-node .flow-more"));
                  const box = view.element.querySelectorAll(".flow-node text")[2].getBBox(), end = box.x + box.width;
                  const isFlat = [...view.element.querySelectorAll(".flow-band")].every(p => Math.abs(p.getPointAtLength(0).y - p.getPointAtLength(end - 10).y) < 0.5);
                  const said = view.element.querySelector(".summary p").textContent;
                  view.element.scrollIntoView();
                  return [tones.join(), said, label.paintOrder.split(" ")[0], label.stroke, parseFloat(label.strokeWidth) >= 8 && isFlat].join("\n");
                }
                """);
            Assert.Equal($"public bad,/ bad,web bad,a bad,b ok,c ok,d ok\n1 of 1 nodes, 4 of 4 backends up; wrong for 10 s\nstroke\n{surface}\ntrue", drawn);
            if (Environment.GetEnvironmentVariable(ImagesVariable) is { } images)
            {
                await somebody.Page.Locator(".flow").Last.ScreenshotAsync(new LocatorScreenshotOptions { Path = Path.Combine(images, $"flow-{scheme}.png") });
            }

            Assert.Empty(somebody.Errors);
            await somebody.Page.Context.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_views_are_reached_by_the_keyboard_alone()
    {
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        foreach (string title in (string[])["Backends", "Nodes", "Sessions", "Topology", "Events", "Overview"])
        {
            await somebody.Page.Locator($"#nav a:has-text('{title}')").FocusAsync();
            await somebody.Page.Keyboard.PressAsync("Enter");
            await somebody.UntilAsync($"document.title.includes('{title}') && document.activeElement.tagName === 'H1'");
        }

        Assert.Empty(somebody.Errors);
    }

    [Fact]
    public async Task The_pictures_of_the_documentation_are_small_and_of_what_there_is()
    {
        await BeginSessionsAsync(30);
        await TrafficAsync();
        await _cluster.Client.PostAsync(new Uri(_cluster.Nodes[0].Admin, $"/api/v1/pools/web/backends/{Uri.EscapeDataString(Id(0))}/drain"), null);
        _cluster.Kill(LoopbackCluster.BackendName(2));
        Operator somebody = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate);
        await somebody.WhenSaidAsync(".trouble[data-tone=bad] .trouble-title", "is down");
        await TrafficAsync();
        await PictureAsync(somebody, "dashboard.png");
        Operator other = await Operator.OpenAsync(_browser, _cluster.Nodes[0].Admin, Operate, Route(0), scheme: ColorScheme.Dark);
        await other.WhenSaidAsync(".drain-count", "left");
        await PictureAsync(other, "dashboard-backend.png");
    }

    // What is stale is pale on purpose, so that it was fresh all the time counts.
    private static async Task<AxeResult> LookedOverAsync(Operator somebody)
    {
        for (int left = 10; ; left--)
        {
            await somebody.WhenLiveAsync();
            await somebody.Page.EvaluateAsync("""
                () => {
                  window.wasStale = document.documentElement.dataset.stale !== undefined;
                  window.staleness ??= new MutationObserver(() => { window.wasStale = true; });
                  window.staleness.observe(document.documentElement, { attributes: true, attributeFilter: ["data-stale"] });
                }
                """);
            AxeResult found = await somebody.Page.RunAxe();
            if (left == 0 || !await somebody.Page.EvaluateAsync<bool>("window.wasStale"))
            {
                return found;
            }
        }
    }

    private static async Task PictureAsync(Operator somebody, string name)
    {
        await somebody.UntilAsync("document.querySelector('.chart canvas') && document.querySelector('.beat[data-state=live]')");
        byte[] picture = await somebody.Page.ScreenshotAsync();
        Assert.InRange(picture.Length, 20_000, ImageBytesMax);
        if (Environment.GetEnvironmentVariable(ImagesVariable) is { Length: > 0 } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, name), picture);
        }
    }

    private static string Told(IEnumerable<AxeResultItem> findings)
    {
        var text = new StringBuilder();
        foreach (AxeResultItem finding in findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{finding.Id}: {finding.Help}\n");
            foreach (AxeResultNode node in finding.Nodes.Take(5))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {node.Target} {node.Html}\n");
            }
        }

        return text.ToString();
    }

    private static async Task<int> LeftAsync(Operator somebody) =>
        await somebody.Page.EvaluateAsync<int>("parseInt(document.querySelector('.drain-count').textContent)");

    private static async Task ApplyAsync(LoopbackCluster cluster, string idle)
    {
        string text = await cluster.Client.GetStringAsync(new Uri(cluster.Nodes[0].Admin, "/api/v1/topology"));
        using HttpResponseMessage answer = await cluster.Client.PostAsync(
            new Uri(cluster.Nodes[0].Admin, "/api/v1/topology"), new StringContent($"{text}\nactorlb.limits.idle-timeout = {idle}\n"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    // A session counts from its client's second request on.
    private async Task<string[]> BeginSessionsAsync(int count)
    {
        string[] cookies = new string[count];
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage first = await _cluster.Client.GetAsync(_cluster.Nodes[i % 3].Http);
            cookies[i] = first.Headers.GetValues("Set-Cookie").First(c => c.StartsWith("ALB=", StringComparison.Ordinal)).Split(';')[0];
            using var request = new HttpRequestMessage(HttpMethod.Get, _cluster.Nodes[i % 3].Http);
            request.Headers.Add("Cookie", cookies[i]);
            using HttpResponseMessage second = await _cluster.Client.SendAsync(request);
        }

        return cookies;
    }

    private async Task TrafficAsync()
    {
        for (int i = 0; i < 600; i++)
        {
            using HttpResponseMessage answer = await _cluster.Client.GetAsync(_cluster.Nodes[i % 3].Http);
        }
    }

    private string Id(int backend) => _cluster.BackendUri(backend, "/").Authority;

    private string Backend(int backend) => $"web/{Id(backend)}";

    private string Route(int backend) => $"/backend/web/{Uri.EscapeDataString(Id(backend))}";
}
