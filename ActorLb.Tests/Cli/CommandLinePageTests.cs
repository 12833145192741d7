using ActorLb.Node.Admin;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class CommandLinePageTests
{
    [Fact]
    public void The_page_of_the_command_line_shows_the_version_that_the_program_says() => Assert.Contains(
        $"(actorlb {ProductVersion.Text})", File.ReadAllText(RepositoryFiles.PathOf("docs", "command-line.md")), StringComparison.Ordinal);
}
