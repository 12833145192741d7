<%@ page contentType="text/html; charset=UTF-8" %>
<%
    Object user = session.getAttribute("user");
    String shown = (user == null ? "nobody" : user.toString()).replace("&", "&amp;").replace("<", "&lt;");
%>
<!DOCTYPE html><title>Tomcat behind ActorLb</title>
<p>Server <b><%= System.getProperty("name") %></b>, you are <b><%= shown %></b>.
<form method="post" action="/login"><input name="user" placeholder="your name"><button>Log in</button></form>
