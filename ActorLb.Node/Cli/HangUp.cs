namespace ActorLb.Node.Cli;

/// <summary>What SIGHUP means to a command: it comes when a terminal is closed, and by hand to servers.</summary>
public enum HangUp
{
    /// <summary>A server goes on, since it has no terminal to lose, and reads its files again.</summary>
    Reloads,

    /// <summary>What was started to be looked at ends with its terminal; a signal that comes by hand does nothing here either.</summary>
    EndsWithTerminal,
}
