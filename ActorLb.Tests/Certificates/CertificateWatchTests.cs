using ActorLb.Engine.Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Certificates;

public sealed class CertificateWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-test-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _told = new();
    private readonly Followed _followed;
    private readonly CertificateWatch _watch;

    public CertificateWatchTests()
    {
        Write("a.pem", "one");
        _followed = new Followed(At("a.pem"));
        _watch = new CertificateWatch(() => [_followed], _told, _time);
        _watch.Start();
    }

    public void Dispose()
    {
        _watch.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_has_not_changed_is_not_loaded_also_where_it_was_touched()
    {
        Look(3);
        File.SetLastWriteTimeUtc(At("a.pem"), DateTime.UtcNow.AddDays(1));
        Look(3);

        Assert.Equal(["one"], _followed.Texts);
        Assert.Empty(_told.All);
    }

    [Fact]
    public void A_change_is_loaded_when_two_looks_saw_the_same()
    {
        Write("a.pem", "tw");
        Look(1);
        Write("a.pem", "two");
        Look(1);
        Assert.Equal(["one"], _followed.Texts);

        Look(1);

        Assert.Equal(["one", "two"], _followed.Texts);
        Assert.Equal(["listeners.x.tls was loaded again, because its files have changed: two"], _told.All);
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_told_once_and_again_when_it_is_good()
    {
        Write("a.pem", "bad");
        Look(10);
        Assert.Equal(["one"], _followed.Texts);
        Assert.Equal(["listeners.x.tls has changed and cannot be used: it is bad; what was loaded before stays in use"], _told.All);
        Assert.Equal(("listeners.x.tls", "it is bad"), (Assert.Single(_watch.Problems).Key, _watch.Problems[0].Problem));

        Write("a.pem", "one");
        Look(3);
        Assert.Empty(_watch.Problems);

        Assert.Equal("listeners.x.tls is good again: one", _told.All[^1]);
        Assert.Equal(2, _told.All.Count);
    }

    [Fact]
    public void A_file_that_is_gone_is_told_and_one_that_comes_in_its_place_is_loaded()
    {
        File.Delete(At("a.pem"));
        Look(4);
        Assert.Contains("cannot be used", Assert.Single(_told.All), StringComparison.Ordinal);

        Write("a.pem", "two");
        Look(2);

        Assert.Equal(["one", "two"], _followed.Texts);
    }

    [Fact]
    public void Links_are_followed_also_those_of_a_folder_on_the_way()
    {
        Directory.CreateDirectory(At("..1"));
        Directory.CreateDirectory(At("..2"));
        Write("..1/b.pem", "one");
        Write("..2/b.pem", "two");
        File.SetLastWriteTimeUtc(At("..2/b.pem"), File.GetLastWriteTimeUtc(At("..1/b.pem")));
        Directory.CreateSymbolicLink(At("..data"), "..1");
        File.CreateSymbolicLink(At("b.pem"), "..data/b.pem");
        var followed = new Followed(At("b.pem"));
        using var watch = new CertificateWatch(() => [followed], _told, _time);
        watch.Look();

        // As a mounted ConfigMap or Secret is changed: another link in the place of the first.
        File.Delete(At("..data"));
        Directory.CreateSymbolicLink(At("..data"), "..2");
        for (int i = 0; i < 2; i++)
        {
            watch.Look();
        }

        Assert.Equal(["one", "two"], followed.Texts);
    }

    private void Look(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _time.Advance(CertificateWatch.Period);
        }
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private sealed class Followed : IFollowsFiles
    {
        public Followed(string file)
        {
            Files = [file];
            Load();
        }

        public List<string> Texts { get; } = [];

        public string Key => "listeners.x.tls";

        public IReadOnlyList<string> Files { get; }

        public string Loaded { get; private set; } = "";

        public string Description => Texts[^1];

        public void Load()
        {
            byte[] bytes;
            try
            {
                bytes = CertificateStore.ReadFile(Files[0]);
            }
            catch (IOException e)
            {
                throw new CertificateFileException(CertificatePart.Certificate, e.Message);
            }

            string text = System.Text.Encoding.ASCII.GetString(bytes);
            if (text == "bad")
            {
                throw new CertificateFileException(CertificatePart.Certificate, "it is bad");
            }

            Texts.Add(text);
            Loaded = FileContents.HashOf(bytes);
        }
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
